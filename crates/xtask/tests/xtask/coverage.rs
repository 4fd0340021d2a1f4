//! What each adapter tells, as docs/coverage.md has it.

use crate::workspace::{root, xtask};

#[test]
fn the_committed_table_is_what_adapters_declare_and_golden_tests_show() {
    let output = xtask(root(), &["coverage"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
