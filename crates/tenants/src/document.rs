use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Mistake;

/// The most bytes that a file of the configuration may have.
pub(crate) const MAX_FILE: u64 = 1024 * 1024;

/// Gathers the mistakes of one file, so that all of them are told at once.
pub(crate) struct Report {
    file: PathBuf,
    line_starts: Vec<usize>,
    mistakes: Vec<Mistake>,
}

/// A table of a file and the line it begins at.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    pub entries: &'a DeTable<'a>,
    pub line: usize,
}

impl Report {
    pub fn new(file: &Path, text: &str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.to_owned(), line_starts, mistakes: Vec::new() }
    }

    /// The line of a place in the text, counted from 1.
    pub fn line(&self, span: Range<usize>) -> usize {
        self.line_starts.partition_point(|start| *start <= span.start)
    }

    pub fn add(
        &mut self,
        line: impl Into<Option<usize>>,
        key: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.mistakes.push(Mistake {
            file: self.file.clone(),
            line: line.into(),
            key: (!key.is_empty()).then(|| key.to_owned()),
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Parses the text; whatever breaks TOML's grammar is told, and then nothing else of the file counts.
    pub fn parse<'a>(&mut self, text: &'a str) -> Option<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut last_line = None;
        for error in &errors {
            let line = error.span().map(|span| self.line(span));
            // After the first error of a line the parser is guessing.
            if line.is_some() && line == last_line {
                continue;
            }
            last_line = line;
            if error.message() == "duplicate key" {
                let key = error.span().and_then(|span| text.get(span)).unwrap_or_default();
                self.add(line, &crate::mistake::visible(key), "is given twice", "remove one of the two");
            } else {
                let curly = line.and_then(|line| text.lines().nth(line - 1)).is_some_and(has_curly_quotes);
                let remedy = if curly {
                    "write straight quotes (\") in place of the curly ones"
                } else {
                    "write one `key = value` per line, with text in \"quotes\""
                };
                self.add(line, "", format!("is not valid TOML: {}", error.message()), remedy);
            }
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// The section `name`; a value that is no table is told.
    pub fn section<'a>(&mut self, root: &'a DeTable<'a>, name: &str) -> Option<Table<'a>> {
        let (key, value) = root.get_key_value(name)?;
        let line = self.line(key.span());
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table { entries, line }),
            _ => {
                self.add(
                    line,
                    name,
                    "must be a section",
                    format!("write [{name}] on a line of its own and its keys below it"),
                );
                None
            }
        }
    }

    /// The lines of a list's entries.
    pub fn entry_lines(&self, root: &DeTable<'_>, section: &str, key: &str) -> Vec<usize> {
        let list = root.get(section).and_then(|section| section.get_ref().get(key));
        let entries = list.and_then(|list| list.get_ref().as_array());
        entries.into_iter().flatten().map(|entry| self.line_of(entry)).collect()
    }

    pub fn line_of(&self, value: &Spanned<DeValue<'_>>) -> usize {
        self.line(value.span())
    }

    pub fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }

    pub fn into_mistakes(mut self) -> Vec<Mistake> {
        self.mistakes.sort();
        self.mistakes
    }
}

/// Whether a curly quote, as word processors and chats make them, stands where a straight one should: at an end of a text
/// or a key. Within a text it is a letter like any other.
fn has_curly_quotes(line: &str) -> bool {
    line.char_indices().filter(|(_, c)| "“”„‟‘’‚‛«»".contains(*c)).any(|(at, quote)| {
        let before = line[..at].trim_end().chars().next_back();
        let after = line[at + quote.len_utf8()..].trim_start().chars().next();
        before.is_none_or(|c| "=[{,.".contains(c)) || after.is_none_or(|c| "]},=.#".contains(c))
    })
}

/// Reads a regular file of bounded size; the error says why not, in words that follow the file's name.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let reason = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "may not be read by the user that livegate runs as".to_owned(),
        kind => format!("cannot be read: {kind}"),
    };
    // A pipe or a device could block or never end.
    if !fs::metadata(path).map_err(reason)?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes)).map_err(reason)?;
    if bytes.len() as u64 > MAX_FILE { Err("is larger than 1 MiB".to_owned()) } else { Ok(bytes) }
}

/// Reads a TOML file; one that cannot be read is the only mistake in it.
pub(crate) fn read_toml(path: &Path) -> Result<String, Vec<Mistake>> {
    let reason = match read_file(path).map(String::from_utf8) {
        Ok(Ok(text)) => return Ok(text),
        Ok(Err(_)) => "is not UTF-8 text".to_owned(),
        Err(reason) => reason,
    };
    let mut report = Report::new(path, "");
    report.add(None, "", reason, "the file must be a readable TOML file in UTF-8");
    Err(report.into_mistakes())
}
