use std::fs;
use std::path::{Path, PathBuf};

const WORKSPACE: &str = "Cargo.toml";
const GATEWAY: &str = "crates/gateway/Cargo.toml";
const REGISTRY: &str = "crates/gateway/src/adapters.rs";

/// The width at which rustfmt breaks lines; see rustfmt.toml.
const WIDTH: usize = 120;

/// Whether the workspace has such an adapter.
pub(crate) fn knows(root: &Path, name: &str) -> Result<bool, String> {
    let line = format!("\nlivegate-adapter-{name} ");
    Ok(read(root, WORKSPACE)?.1.contains(&line))
}

/// The files that name every adapter, with one more: where it is, that the gateway has it, and that its demo does.
pub(crate) fn with_adapter(root: &Path, name: &str) -> Result<Vec<(PathBuf, String)>, String> {
    let (workspace, text) = read(root, WORKSPACE)?;
    let line = format!("livegate-adapter-{name} = {{ path = \"adapters/{name}\" }}");
    let workspace_text = with_line(&text, &line).ok_or_else(|| unexpected(WORKSPACE))?;

    let (gateway, text) = read(root, GATEWAY)?;
    let gateway_text = with_line(&text, &format!("livegate-adapter-{name}.workspace = true"))
        .and_then(|text| with_entry(&text, "demo = [", &format!("\"livegate-adapter-{name}/simulator\""), ""))
        .ok_or_else(|| unexpected(GATEWAY))?;

    let (registry, text) = read(root, REGISTRY)?;
    let entry = format!("&livegate_adapter_{}::KIND", name.replace('-', "_"));
    let registry_text =
        with_entry(&text, "static ADAPTERS: &[&AdapterKind] = &[", &entry, ";").ok_or_else(|| unexpected(REGISTRY))?;
    Ok(vec![(workspace, workspace_text), (gateway, gateway_text), (registry, registry_text)])
}

fn read(root: &Path, path: &str) -> Result<(PathBuf, String), String> {
    let path = root.join(path);
    let text = fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Ok((path, text))
}

fn unexpected(path: &str) -> String {
    format!("{path} does not list the adapters as expected: bring it back into the form it has in the repository")
}

/// Puts a line among those that begin like it, in their order.
fn with_line(text: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let alike = |other: &&str| other.starts_with("livegate-adapter-");
    let first = lines.iter().position(alike)?;
    let count = lines[first..].iter().take_while(|line| alike(line)).count();
    let before = lines[first..first + count].iter().take_while(|other| **other < line).count();
    lines.insert(first + before, line);
    Some(lines.join("\n") + "\n")
}

/// Puts an entry into the list that `opening` begins, among those of the other adapters, in their order, and breaks its
/// lines as rustfmt would.
fn with_entry(text: &str, opening: &str, entry: &str, closing: &str) -> Option<String> {
    let start = text.find(opening)? + opening.len();
    let end = start + text[start..].find(']')?;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut entries: Vec<&str> = text[start..end].split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    let is_adapter = |entry: &&str| entry.trim_start_matches(['"', '&']).starts_with("livegate");
    let first = entries.iter().position(is_adapter)?;
    let place = first + entries[first..].iter().take_while(|other| **other < entry).count();
    entries.insert(place, entry);
    let one_line = entries.join(", ");
    let width = start - line_start + one_line.len() + "]".len() + closing.len();
    let list = if width <= WIDTH { one_line } else { format!("\n    {},\n", entries.join(",\n    ")) };
    Some(format!("{}{list}{}", &text[..start], &text[end..]))
}
