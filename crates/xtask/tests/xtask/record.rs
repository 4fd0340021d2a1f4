//! What `record` says before it hands over to the recorder.

use std::fs;

use crate::workspace::{root, text, xtask};

#[test]
fn whoever_asks_wrongly_is_told_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let nobody = file("nobody.toml", "title = \"Harbor\"\n");
    let unknown = file("unknown.toml", "adapter = \"nothing-like-it\"\n");
    let broken = file("broken.toml", "adapter = \n");
    for (arguments, problem) in [
        (vec!["--operation", "account"], "--tenant FILE is missing"),
        (vec!["--operation", "account", "--tenant"], "--tenant FILE is missing"),
        (vec!["--tenant", "not/there.toml"], "not/there.toml cannot be read"),
        (vec!["--operation", "account", "--tenant", &nobody], "names no adapter"),
        (vec!["--tenant", &unknown], "there is no adapter \"nothing-like-it\""),
        (vec!["--tenant", &broken, "--operation=account"], "is no TOML"),
    ] {
        let output = xtask(root(), &[&["record"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output).contains(problem), "{arguments:?}: {}", text(&output));
    }
    let help = text(&xtask(root(), &["record", "--help"]));
    assert!(help.contains("cargo xtask record --tenant config/tenants/harbor.toml"), "{help}");
}
