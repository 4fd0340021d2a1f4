use std::path::PathBuf;

/// What `record --help` says.
pub(super) const HELP: &str = "\
record --tenant FILE.toml --operation OPERATION --customer CODE --into DIRECTORY
       [--id ID] [--allow HOST]… [--keep WORD]…

Makes one Live call against the ERP of a tenant file, and writes what was asked and answered as a golden test, with every
name, code, amount and secret replaced.

  --tenant FILE      a tenant file with adapter, [settings] and [secrets]; tokens are not needed
  --operation NAME   account, orders, order, invoices or invoice
  --customer CODE    the customer_code that is asked about
  --id ID            the order or invoice, where one is asked for
  --into DIRECTORY   where the files go, such as adapters/NAME/fixtures/golden/what-is-wrong; new or empty
  --allow HOST       an address, network or host that is not public and may be asked all the same
  --keep WORD        a word that names nobody and by which the adapter decides, such as a status or document type; or the
                     name of a number that is to stay, such as a count";

/// What is to be recorded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    pub(super) tenant: PathBuf,
    pub(super) operation: String,
    pub(super) customer: String,
    pub(super) id: Option<String>,
    pub(super) into: PathBuf,
    pub(super) allowed: Vec<String>,
    pub(super) kept: Vec<String>,
}

impl Arguments {
    /// Reads what follows `record`; nothing if help is wanted.
    ///
    /// # Errors
    /// What is missing or unknown, and where to read more.
    pub(super) fn read(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut read = Self::default();
        let (mut tenant, mut operation, mut customer, mut into) = (None, None, None, None);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            if name == "--help" {
                return Ok(None);
            }
            let mut value = || {
                value
                    .clone()
                    .or_else(|| rest.next().cloned())
                    .ok_or_else(|| format!("{name} needs a value; see --help"))
            };
            match name {
                "--tenant" => tenant = Some(value()?),
                "--operation" => operation = Some(value()?),
                "--customer" => customer = Some(value()?),
                "--into" => into = Some(value()?),
                "--id" => read.id = Some(value()?),
                "--allow" => read.allowed.push(value()?),
                "--keep" => read.kept.push(value()?),
                other => return Err(format!("{other} is not known; see --help")),
            }
        }
        let needed = |name: &str, value: Option<String>| value.ok_or_else(|| format!("{name} is missing; see --help"));
        read.tenant = needed("--tenant", tenant)?.into();
        read.operation = needed("--operation", operation)?;
        read.customer = needed("--customer", customer)?;
        read.into = needed("--into", into)?.into();
        Ok(Some(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Arguments>, String> {
        Arguments::read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_read_in_either_style() {
        let line = "--tenant t.toml --operation=invoice --customer A --id=7 --into d --allow a --allow b --keep W";
        let read = read(line).unwrap().unwrap();
        assert_eq!(read.allowed, ["a", "b"]);
        assert_eq!(
            (read.operation.as_str(), read.id.as_deref(), read.kept.as_slice()),
            ("invoice", Some("7"), &["W".to_owned()][..])
        );
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        for (line, problem) in [
            ("--tenant t.toml --operation account --customer A", "--into is missing; see --help"),
            ("--tenant", "--tenant needs a value; see --help"),
            ("--tenant t.toml --operaton account", "--operaton is not known; see --help"),
        ] {
            assert_eq!(read(line).unwrap_err(), problem);
        }
        assert_eq!(read("--tenant t --help"), Ok(None));
    }
}
