//! The parts one by one: `cargo bench --package livegate-benches --bench micro`.

#[expect(dead_code, reason = "the ratios are told beside the other targets")]
#[path = "../parts/mod.rs"]
mod parts;

use criterion::Criterion;

/// The allocator that livegate is shipped with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for part in parts::work::PARTS {
        let mut ready = None;
        criterion.bench_function(part.name, |bencher| bencher.iter(ready.get_or_insert_with(part.ready)));
    }
    criterion.final_summary();
}
