//! docs/adding-an-adapter.md, followed word for word.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::workspace::{root, text, xtask};

/// The adapter that the tutorial writes.
pub(crate) const NAME: &str = "slipway";

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/adding-an-adapter.md");

/// The most lines that lib.rs and wire.rs may have together.
const MOST_LINES: usize = 200;

/// A block of code, and what language it says it is in.
struct Block {
    language: String,
    text: String,
}

impl Block {
    /// The file that it is, or that it writes, and what that holds: its first line names it.
    fn file(&self) -> Option<(&str, &str)> {
        let (first, rest) = self.text.split_once('\n')?;
        if let Some(path) = first.strip_prefix("cat > ").and_then(|rest| rest.strip_suffix(" <<'END'")) {
            return Some((path, rest.strip_suffix("END\n").unwrap()));
        }
        let comment = ["// ", "# ", "<!-- "].iter().find_map(|opening| first.strip_prefix(opening))?;
        let path = comment.trim_end_matches(" -->");
        path.starts_with("adapters/").then_some((path, &self.text))
    }
}

fn blocks() -> Vec<Block> {
    let page = fs::read_to_string(PAGE).unwrap();
    let parts: Vec<&str> = page.split("```").collect();
    assert_eq!(parts.len() % 2, 1, "every block that begins ends");
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .map(|part| {
            let (language, text) = part.split_once('\n').unwrap();
            Block { language: language.to_owned(), text: text.to_owned() }
        })
        .collect()
}

/// The lines of all blocks in a language.
fn lines(language: &str) -> Vec<String> {
    let blocks = blocks().into_iter().filter(|block| block.language == language && block.file().is_none());
    blocks.flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Writes the files of the tutorial and the entries that it tells to make by hand.
pub(crate) fn follow(directory: &Path) {
    let lists = ["Cargo.toml", "crates/gateway/Cargo.toml", "crates/gateway/src/adapters.rs"];
    let read = |file: &str| fs::read_to_string(directory.join(file)).unwrap();
    let before = lists.map(read).concat();
    let output = xtask(directory, &["new-adapter", NAME]);
    assert!(output.status.success(), "{}", text(&output));
    fs::remove_dir_all(directory.join("adapters").join(NAME)).unwrap();
    // What the command entered is what the tutorial tells, and nothing else.
    let entries = |text: &str| -> BTreeSet<String> {
        let entries = text.split(['\n', ',', '[', ']']).map(|entry| entry.trim().to_owned());
        entries.filter(|entry| entry.contains(NAME)).collect()
    };
    let told: BTreeSet<String> = lines("toml").into_iter().chain(lines("rust")).collect();
    assert_eq!(entries(&before), BTreeSet::new());
    assert_eq!(entries(&lists.map(read).concat()), told);
    let blocks = blocks();
    for (path, text) in blocks.iter().filter_map(Block::file) {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    // What a command prints is what it has written.
    let place = blocks.iter().position(|block| block.text.ends_with("/live.json\n")).unwrap();
    let path = blocks[place].text.lines().find_map(|line| line.strip_prefix("cat ")).unwrap();
    fs::write(directory.join(path), &blocks[place + 1].text).unwrap();
}

/// The proof prints what the tutorial shows of it.
pub(crate) fn compare_proof(printed: &str) {
    let blocks = blocks();
    let shown = blocks.iter().find(|block| block.text.starts_with(&format!("test {NAME}/"))).unwrap();
    for line in shown.text.lines() {
        assert!(printed.lines().any(|printed| is_like(printed, line)), "not printed: {line}\n{printed}");
    }
}

#[test]
fn the_adapter_is_short() {
    let blocks = blocks();
    let lines = |file: &str| {
        let path = format!("adapters/{NAME}/src/{file}");
        blocks.iter().filter_map(Block::file).find(|file| file.0 == path).unwrap().1.lines().count()
    };
    assert!(lines("lib.rs") + lines("wire.rs") <= MOST_LINES, "{} + {}", lines("lib.rs"), lines("wire.rs"));
}

#[test]
fn every_command_exists() {
    let livegate = |arguments: &[&str]| {
        let run = ["run", "--quiet", "--package", "livegate", "--"];
        Command::new(env!("CARGO")).args(run).args(arguments).current_dir(root()).output().unwrap()
    };
    let page = fs::read_to_string(PAGE).unwrap();
    let inline = page.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
    let inline = inline.filter(|code| code.starts_with("cargo ")).map(str::to_owned);
    let mut seen = 0;
    for line in lines("sh").into_iter().chain(inline) {
        let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "UPDATE_SNAPSHOTS=1").collect();
        let help = match words[..] {
            ["cargo", "xtask", command, ..] => text(&xtask(root(), &[command, "--help"])),
            ["cargo", "run", "--", command, ..] => text(&livegate(&[command, "--help"])),
            ["cargo", "test", "-p", "livegate-adapter-slipway", ..] | ["cargo", "fmt"] => continue,
            ["mkdir" | "curl" | "cat", ..] => continue,
            _ => panic!("nobody has looked whether this can be run: {line}"),
        };
        assert!(help.contains("Usage:"), "{line}: {help}");
        for option in words.iter().filter(|word| word.starts_with("--") && word.len() > 2) {
            assert!(help.contains(option), "{line}: {help}");
        }
        seen += 1;
    }
    assert!(seen >= 5, "the commands were found");
}

/// The demo prints what the tutorial shows, and answers what it shows.
pub(crate) fn compare_demo(demo: &mut Command) {
    let mut running = demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut printed = Vec::new();
    for line in BufReader::new(running.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let last = line.starts_with("Description of the calls");
        printed.push(line);
        if last {
            break;
        }
    }
    let address = printed[0].strip_prefix("listening on http://").unwrap().to_owned();
    let blocks = blocks();
    let shown = blocks.iter().find(|block| block.text.starts_with(&format!("{NAME} ("))).unwrap();
    for line in shown.text.lines() {
        assert!(printed.iter().any(|printed| is_like(printed, line)), "not printed: {line}\n{printed:#?}");
    }
    let place = blocks.iter().position(|block| block.text.starts_with("curl ")).unwrap();
    let asked = blocks[place].text.trim().replace("127.0.0.1:8080", &address);
    assert!(printed.contains(&asked), "the demo does not print {asked}");
    // As a shell takes the line apart: quoted parts are one word each.
    let words: Vec<&str> = asked.split('\'').collect();
    let path = words[0].split_once(&address).unwrap().1.trim_end_matches(" -H ");
    let answer = post(&address, path, &[words[1], words[3]], words[5]);
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(answer, blocks[place + 1].text.trim());
}

/// Whether a line is like one in which `…` stands for anything.
fn is_like(line: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('…').collect();
    let [start, between @ .., end] = &parts[..] else { return line == pattern };
    let Some(mut rest) = line.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)) else { return false };
    between.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn post(address: &str, path: &str, headers: &[&str], body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let headers = headers.join("\r\n");
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}"
    );
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}
