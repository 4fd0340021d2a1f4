//! The work that livegate itself does for one call, without sockets: each piece is done through the crates' public
//! interfaces, so that a figure stands for what a call costs, and not for one function.
//!
//! Several targets include this module, and none of them uses all of it.

mod answers;
mod dealer;
mod peers;
pub mod work;

use std::time::{Duration, Instant};

use self::work::Work;

/// One figure beside its targets.
#[derive(Clone, Debug)]
pub struct Ratio {
    /// What it is the figure of.
    pub name: &'static str,
    /// What it is counted in: blank for a ratio.
    pub unit: &'static str,
    /// Whether more is better: figures that have to be small are times.
    pub more_is_better: bool,
    /// What it has to be at the least, or at the most.
    pub must: f64,
    /// What it ought to be.
    pub goal: f64,
    /// The middle one of the rounds.
    pub median: f64,
    /// How far the rounds lie apart: the middle half of them, as a part of the median.
    pub spread: f64,
}

/// The figures of what happens within the process: ours and the peer's in turns, round by round, on one thread.
pub fn ratios(quick: bool) -> Vec<Ratio> {
    let rounds = if quick { 9 } else { 41 };
    let beside = |(ours, peer)| beside(ours, peer, rounds);
    let microseconds = |work| alone(work, rounds).into_iter().map(|span| span.as_secs_f64() * 1e6).collect();
    vec![
        Ratio::new(
            "DockMaster XML → Live, bytes per second ÷ raw event scan",
            "",
            (0.35, 0.6),
            beside(work::xml_beside_scan()),
        ),
        Ratio::new("JSON → Live ÷ typed parse", "", (0.4, 0.65), beside(work::json_beside_parse())),
        Ratio::new("a page out of a cached listing of 10,000", "µs", (1_000.0, 100.0), microseconds(work::page())),
    ]
}

impl Ratio {
    fn new(name: &'static str, unit: &'static str, (must, goal): (f64, f64), mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |quarter: usize| figures[(figures.len() - 1) * quarter / 4];
        let (median, spread) = (at(2), (at(3) - at(1)) / at(2));
        Self { name, unit, more_is_better: goal > must, must, goal, median, spread }
    }
}

/// How fast ours is beside the peer. Which one goes first changes from round to round, so that neither gains by it.
fn beside(mut ours: Work, mut peer: Work, rounds: usize) -> Vec<f64> {
    let (own_times, peer_times) = (times(&mut ours), times(&mut peer));
    let mut ratio = |round| {
        let (own_span, peer_span) = if round % 2 == 0 {
            let own_span = span(&mut ours, own_times);
            (own_span, span(&mut peer, peer_times))
        } else {
            let peer_span = span(&mut peer, peer_times);
            (span(&mut ours, own_times), peer_span)
        };
        peer_span.as_secs_f64() / own_span.as_secs_f64()
    };
    (0..rounds).map(&mut ratio).collect()
}

fn alone(mut work: Work, rounds: usize) -> Vec<Duration> {
    let times = times(&mut work);
    (0..rounds).map(|_| span(&mut work, times)).collect()
}

/// How often something is to be done so that a round takes long enough to be measured.
fn times(work: &mut Work) -> u32 {
    const ROUND: Duration = Duration::from_millis(25);
    span(work, 3);
    let once = span(work, 3).max(Duration::from_nanos(1));
    u32::try_from(ROUND.as_nanos() / once.as_nanos()).unwrap_or(u32::MAX).max(1)
}

/// How long it takes once.
fn span(work: &mut Work, times: u32) -> Duration {
    let began = Instant::now();
    (0..times).for_each(|_| work());
    began.elapsed() / times
}
