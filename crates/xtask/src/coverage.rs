use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use crate::{say, steps};

const PAGE: &str = "docs/coverage.md";

const HEADING: &str = "\
# What each adapter tells

Written by `cargo xtask coverage --update`, from what the adapters declare and what their golden tests show.

- **Filters**: `exact`: the ERP applies it; `partial`: the ERP narrows the list and livegate applies it; `livegate`: livegate
  applies it to the whole list. Every filter works either way; the difference is what a call costs.
- **Fields**: `●` a golden test shows it; `○` no golden test shows it: the ERP may tell it or not, see the adapter's README; blank:
  the call has no such field. Of what a list holds, its entries are looked at.
- A call that an adapter does not offer has no column.
";

/// The calls in the order of the contract: the operation's name, its path, and where its entries are, if it is a list.
const CALLS: [(&str, &str, Option<&str>); 5] = [
    ("account", "/live/v1/customer-balance", None),
    ("orders", "/live/v1/orders", Some("orders")),
    ("order", "/live/v1/orders/by-id", None),
    ("invoices", "/live/v1/invoices", Some("invoices")),
    ("invoice", "/live/v1/invoices/by-id", None),
];

/// Prints the page, and compares the committed one with it or writes that anew.
pub(crate) fn coverage(root: &Path, update: bool) -> Result<(), String> {
    let page = page(root)?;
    std::io::stdout().lock().write_all(page.as_bytes()).map_err(|error| error.to_string())?;
    let path = root.join(PAGE);
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed == page {
        return Ok(());
    }
    if update || env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, page).map_err(|error| format!("{PAGE} cannot be written: {error}"))?;
        say(&format!("wrote {PAGE}"));
        return Ok(());
    }
    Err(format!("{PAGE} is out of date: `cargo xtask coverage --update` writes it"))
}

fn page(root: &Path) -> Result<String, String> {
    let description = json(&root.join("docs/openapi.json"))?;
    let contract = CALLS.map(|call| Call::new(&description, call));
    let arguments = ["run", "--quiet", "--package", "livegate", "--", "adapters", "--json"];
    let adapters = serde_json::from_slice(&steps::cargo_output(root, &arguments)?);
    let adapters: Vec<Value> = adapters.map_err(|error| format!("the list of adapters is no JSON: {error}"))?;
    let mut page = HEADING.to_owned();
    for adapter in &adapters {
        page.push_str(&section(root, adapter, &contract)?);
    }
    Ok(page)
}

/// One adapter's table.
fn section(root: &Path, adapter: &Value, contract: &[Call]) -> Result<String, String> {
    let text = |member: &str| adapter[member].as_str().unwrap_or_default();
    let name = text("name");
    let offers =
        |call: &&Call| adapter["operations"].as_array().is_some_and(|all| all.contains(&call.operation.into()));
    let offered: Vec<&Call> = contract.iter().filter(offers).collect();
    let shown = Shown::of(&root.join("adapters").join(name).join("fixtures/golden"))?;

    let mut rows = vec![[vec!["".to_owned()], offered.iter().map(|call| call.operation.to_owned()).collect()].concat()];
    let mut row = |title: String, cell: &dyn Fn(&Call) -> String| {
        rows.push([vec![title], offered.iter().map(|call| cell(call)).collect()].concat());
    };
    let declared = |call: &Call, member: &str| adapter[call.operation][member].clone();
    row("covers".into(), &|call| declared(call, "covers").as_str().unwrap_or_default().to_owned());
    row("pages are cut by".into(), &|call| match declared(call, "pages").as_bool() {
        Some(true) => "the ERP".into(),
        Some(false) => "livegate".into(),
        None => String::new(),
    });
    row("golden tests".into(), &|call| shown.tests(call).to_string());
    row("fields shown".into(), &|call| format!("{} of {}", shown.fields(call).len(), call.fields.len()));
    for filter in all_of(&offered, |call| &call.filters) {
        row(format!("filter `{filter}`"), &|call| match declared(call, "filters")[filter].as_str() {
            _ if !call.filters.contains(filter) => String::new(),
            Some("none") | None => "livegate".into(),
            Some(support) => support.to_owned(),
        });
    }
    let (nested, plain): (Vec<_>, Vec<_>) =
        all_of(&offered, |call| &call.fields).into_iter().partition(|field| field.contains('.'));
    for field in plain.into_iter().chain(nested) {
        row(format!("`{field}`"), &|call| match (call.fields.contains(field), shown.fields(call).contains(field)) {
            (false, _) => String::new(),
            (true, true) => "●".into(),
            (true, false) => "○".into(),
        });
    }
    let mut section = format!("\n## {name} ({})\n\n", text("title"));
    section.push_str(&table(&rows));
    Ok(section)
}

fn all_of<'a>(calls: &[&'a Call], what: fn(&'a Call) -> &'a BTreeSet<String>) -> BTreeSet<&'a String> {
    calls.iter().flat_map(|call| what(call)).collect()
}

/// A Markdown table whose columns stand one below the other in a terminal too.
fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut table = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(table, "| {cell:<width$} ");
        }
        table.push_str("|\n");
        if index == 0 {
            widths.iter().for_each(|width| table.push_str(&format!("|{}", "-".repeat(width + 2))));
            table.push_str("|\n");
        }
    }
    table
}

/// One call of the contract, as docs/openapi.json describes it.
struct Call {
    operation: &'static str,
    filters: BTreeSet<String>,
    /// Every member of the answer, or of an entry of the list, as a path such as `order_lines.sku`.
    fields: BTreeSet<String>,
}

impl Call {
    fn new(description: &Value, (operation, path, entries): (&'static str, &str, Option<&'static str>)) -> Self {
        let call = &description["paths"][path]["post"];
        let request = &call["requestBody"]["content"]["application/json"]["schema"];
        let response = &call["responses"]["200"]["content"]["application/json"]["schema"];
        let mut filters = BTreeSet::new();
        for (path, _) in members(description, request) {
            filters.extend(path.strip_prefix("filters.").map(str::to_owned));
        }
        let fields = members(description, response).into_iter().map(|(path, _)| path);
        let fields = match entries {
            None => fields.collect(),
            Some(list) => {
                fields.filter_map(|path| Some(path.strip_prefix(list)?.strip_prefix('.')?.to_owned())).collect()
            }
        };
        Self { operation, filters, fields }
    }
}

/// Every member below a schema that has no members itself, by its path.
fn members<'a>(description: &'a Value, schema: &'a Value) -> Vec<(String, &'a Value)> {
    let schema = resolved(description, schema);
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, schema) in properties {
        let below = members(description, schema);
        if below.is_empty() {
            found.push((name.clone(), schema));
        }
        found.extend(below.into_iter().map(|(path, schema)| (format!("{name}.{path}"), schema)));
    }
    found
}

/// Past references, what may be null, and lists.
fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    let next = match schema["$ref"].as_str() {
        Some(reference) => description.pointer(reference.trim_start_matches('#')),
        None => schema.get("items").or_else(|| schema["oneOf"].as_array()?.iter().find(|one| one["type"] != "null")),
    };
    next.map_or(schema, |next| resolved(description, next))
}

/// What an adapter's golden tests show: for each operation how many there are, and the members of their answers.
#[derive(Default)]
struct Shown(BTreeMap<String, (usize, BTreeSet<String>)>);

impl Shown {
    fn of(directory: &Path) -> Result<Self, String> {
        let mut shown = Self::default();
        for test in directories(directory) {
            let operation = json(&test.join("call.json"))?["operation"].as_str().unwrap_or_default().to_owned();
            let call = CALLS.iter().find(|call| call.0 == operation);
            let call = call.ok_or_else(|| format!("{} names no operation", test.join("call.json").display()))?;
            let answer = json(&test.join("live.json"))?;
            let (tests, members) = shown.0.entry(operation).or_default();
            *tests += 1;
            collect(call.2.map_or(&answer, |entries| &answer[entries]), "", members);
        }
        Ok(shown)
    }

    fn tests(&self, call: &Call) -> usize {
        self.0.get(call.operation).map_or(0, |(tests, _)| *tests)
    }

    fn fields(&self, call: &Call) -> BTreeSet<&String> {
        let members = self.0.get(call.operation).into_iter().flat_map(|(_, members)| members);
        members.filter(|member| call.fields.contains(*member)).collect()
    }
}

fn collect(answer: &Value, path: &str, members: &mut BTreeSet<String>) {
    match answer {
        Value::Object(object) => {
            for (name, value) in object {
                collect(value, &if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, members);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, members)),
        // The contract writes a blank where the ERP says nothing.
        Value::String(text) if text.is_empty() => {}
        _ => drop(members.insert(path.to_owned())),
    }
}

/// In order; none where there is no such directory.
fn directories(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no JSON: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_shown_by_a_golden_test_or_said_not_to_be() {
        let body = |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let call = |request: Value, response: Value| json!({ "post": { "requestBody": body(request), "responses": { "200": body(response) } } });
        let text = json!({ "type": "string" });
        let description = json!({
            "paths": {
                "/live/v1/invoices": call(
                    json!({ "properties": { "customer_code": text, "filters": { "$ref": "#/schemas/Filters" } } }),
                    json!({ "properties": { "invoices": { "type": "array", "items": { "$ref": "#/schemas/Invoice" } }, "total_invoices": text } }),
                ),
            },
            "schemas": {
                "Filters": { "properties": { "customer_po": text, "start_date": text } },
                "Invoice": { "properties": { "id": text, "po": text, "note": text, "address": { "oneOf": [{ "type": "null" }, { "$ref": "#/schemas/Address" }] } } },
                "Address": { "properties": { "city": text, "state": text } },
            },
        });
        let contract = CALLS.map(|call| Call::new(&description, call));
        let root = tempfile::tempdir().unwrap();
        let golden = root.path().join("adapters/quay/fixtures/golden/one");
        fs::create_dir_all(&golden).unwrap();
        fs::write(golden.join("call.json"), r#"{ "operation": "invoices" }"#).unwrap();
        let answer =
            r#"{ "invoices": [{ "id": "1", "po": "" }, { "address": { "city": "Kiel" } }], "total_invoices": 2 }"#;
        fs::write(golden.join("live.json"), answer).unwrap();
        let adapter = json!({
            "name": "quay", "title": "Quay", "operations": ["invoices"],
            "invoices": { "covers": "open ones", "pages": false, "filters": { "customer_po": "none", "start_date": "partial" } },
        });
        let expected = "
## quay (Quay)

|                      | invoices  |
|----------------------|-----------|
| covers               | open ones |
| pages are cut by     | livegate  |
| golden tests         | 1         |
| fields shown         | 2 of 5    |
| filter `customer_po` | livegate  |
| filter `start_date`  | partial   |
| `id`                 | ●         |
| `note`               | ○         |
| `po`                 | ○         |
| `address.city`       | ●         |
| `address.state`      | ○         |
";
        assert_eq!(section(root.path(), &adapter, &contract).unwrap(), expected);
    }
}
