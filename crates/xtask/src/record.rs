use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::Value;

use crate::steps;

const EXAMPLE: &str = "\
An example, for a tenant whose invoice 4711 looks wrong:

  cargo xtask record --tenant config/tenants/harbor.toml --operation invoice --customer MARINA01 --id 4711 \\
      --into adapters/NAME/fixtures/golden/what-is-wrong

  cargo xtask record --tenant config/tenants/harbor.toml --help     lists all that the recorder can be told

Names, codes, amounts and secrets are replaced. Read the files all the same before you share them.";

/// What `record` is told.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Record {
    /// What to ask, and where to write. The adapter is the one that the file after --tenant names.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Hands over to the recorder, which is part of the adapter's own conformance test, as only that knows the adapter. The
/// test is run where we are, so that paths mean what they say.
pub(crate) fn record(root: &Path, record: &Record) -> Result<(), String> {
    let adapter = adapter(&tenant_file(&record.arguments)?)?;
    if !root.join("adapters").join(&adapter).is_dir() {
        return Err(format!("there is no adapter {adapter:?}; `livegate adapters` lists them"));
    }
    let package = format!("livegate-adapter-{adapter}");
    let build = ["test", "--no-run", "--message-format=json", "--package", &package, "--test", "conformance"];
    let test = executable(&steps::cargo_output(root, &build)?).ok_or("cargo built no conformance test")?;
    let status = Command::new(&test).arg("record").args(&record.arguments).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("nothing was recorded".into()),
        Err(error) => Err(format!("{} could not be started: {error}", test.display())),
    }
}

fn tenant_file(arguments: &[String]) -> Result<PathBuf, String> {
    let mut values = arguments.iter().zip(arguments.iter().skip(1).map(Some).chain([None]));
    let file = values.find_map(|(argument, next)| match argument.strip_prefix("--tenant") {
        Some("") => next.cloned(),
        Some(value) => value.strip_prefix('=').map(str::to_owned),
        None => None,
    });
    file.map(PathBuf::from).ok_or_else(|| "which tenant? --tenant FILE is missing; see --help".to_owned())
}

fn adapter(file: &Path) -> Result<String, String> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let table: toml::Table =
        toml::from_str(&text).map_err(|error| format!("{shown} is no TOML: {}", error.message()))?;
    let adapter = table.get("adapter").and_then(toml::Value::as_str);
    adapter.map(str::to_owned).ok_or_else(|| format!("{shown} names no adapter: adapter = \"…\" is missing"))
}

/// The one test among what cargo says that it built, one message to a line.
fn executable(messages: &[u8]) -> Option<PathBuf> {
    let messages = messages.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut built = messages.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    built.next()
}
