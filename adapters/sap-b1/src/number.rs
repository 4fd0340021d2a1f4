//! Under what number a document is known: `DocNum` is what is printed, and counts by series; `DocEntry` is its key.

use std::collections::{HashMap, HashSet};

use livegate_core::{DocumentId, ErpError, Result};

use crate::wire::{Document, missing};

/// What names an invoice or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// The printed number, with the key where that alone is not enough.
    DocNum,
    /// The key.
    DocEntry,
}

/// What somebody asks for by an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub number: Option<i64>,
    pub entry: Option<i64>,
}

/// A document's own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Numbers {
    pub number: i64,
    pub entry: i64,
}

impl Numbering {
    pub(crate) fn from_setting(text: Option<&str>) -> Self {
        if text == Some("DocEntry") { Self::DocEntry } else { Self::DocNum }
    }

    /// What an id asks for; `None` for one that no document can have.
    pub(crate) fn read(self, id: &str) -> Option<Asked> {
        match (self, id.split_once('#')) {
            (Self::DocEntry, None) => Some(Asked { number: None, entry: Some(whole(id)?) }),
            (Self::DocEntry, Some(_)) => None,
            (Self::DocNum, None) => Some(Asked { number: Some(whole(id)?), entry: None }),
            (Self::DocNum, Some((number, entry))) => {
                Some(Asked { number: Some(whole(number)?), entry: Some(whole(entry)?) })
            }
        }
    }
}

impl Asked {
    pub(crate) fn names(self, numbers: Numbers) -> bool {
        self.number.is_none_or(|number| number == numbers.number)
            && self.entry.is_none_or(|entry| entry == numbers.entry)
    }
}

/// How documents of one customer are named: those whose number others of theirs bear too with their key.
pub(crate) struct Names {
    numbering: Numbering,
    bearers: HashMap<i64, HashSet<i64>>,
    /// A document by its key, and how it was asked for.
    asked: Option<(i64, DocumentId)>,
}

/// Which of these documents an id asks for: where several bear its number, the newest, and first those that lists show.
pub(crate) fn find(
    documents: &[Document],
    asked: Asked,
    is_listed: impl Fn(&Document) -> bool,
) -> Result<Option<usize>> {
    let mut best = None;
    for (at, document) in documents.iter().enumerate() {
        let numbers = document.numbers()?;
        if asked.names(numbers) {
            best = best.max(Some((is_listed(document), document.day(), numbers.entry, at)));
        }
    }
    Ok(best.map(|(.., at)| at))
}

impl Names {
    /// The names among `known` documents, which are all in force that bear any of the numbers in question.
    pub(crate) fn new(numbering: Numbering, known: impl IntoIterator<Item = Numbers>) -> Self {
        let mut bearers: HashMap<i64, HashSet<i64>> = HashMap::new();
        for Numbers { number, entry } in known {
            bearers.entry(number).or_default().insert(entry);
        }
        Self { numbering, bearers, asked: None }
    }

    /// The same, but for one document that is named as it was asked for: whoever asks for a number looks for that number in
    /// the answer.
    pub(crate) fn echo(self, document: &Document, id: &str) -> Result<Self> {
        let id = DocumentId::new(id).map_err(|_| ErpError::internal("a number is no id"))?;
        Ok(Self { asked: Some((document.numbers()?.entry, id)), ..self })
    }

    pub(crate) fn id(&self, document: &Document) -> Result<DocumentId> {
        let Numbers { number, entry } = document.numbers()?;
        if let Some((_, id)) = self.asked.as_ref().filter(|(asked, _)| *asked == entry) {
            return Ok(id.clone());
        }
        let is_shared = self.bearers.get(&number).is_some_and(|bearers| bearers.iter().any(|bearer| *bearer != entry));
        let id = match self.numbering {
            Numbering::DocEntry => entry.to_string(),
            Numbering::DocNum if is_shared => format!("{number}#{entry}"),
            Numbering::DocNum => number.to_string(),
        };
        DocumentId::new(&id).map_err(|_| ErpError::internal("a number is no id"))
    }
}

/// A whole number as the Service Layer writes one, of 32 bits at the most: no sign, no zero before it.
pub(crate) fn whole(text: &str) -> Option<i64> {
    let number: i32 = text.parse().ok().filter(|number| *number >= 0)?;
    (number.to_string() == text).then_some(i64::from(number))
}

impl TryFrom<&Document> for Numbers {
    type Error = ErpError;

    fn try_from(document: &Document) -> Result<Self> {
        let read =
            |text: &Option<String>, name| text.as_deref().and_then(whole).ok_or_else(|| missing("a document", name));
        Ok(Self {
            number: read(&document.doc_num, "a usable DocNum")?,
            entry: read(&document.doc_entry, "a usable DocEntry")?,
        })
    }
}
