//! The codes of a document's items, which lines name by Alloy's own id only.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use livegate_core::CallContext;

use crate::api::Api;
use crate::document::Document;
use crate::wire::{Item, Line};

/// The most items of one document that are looked up, and how many at a time: Alloy bears 150 requests a minute, and a
/// document's lines are readable without codes.
const MOST: usize = 25;
const AT_A_TIME: usize = 5;

/// What is known of a document's items, by Alloy's id.
#[derive(Debug, Default)]
pub(crate) struct Items(BTreeMap<String, Item>);

impl Items {
    /// Asks for each item of the document once, in at most half of the time that is left. Whatever fails, a document
    /// without codes is better than none.
    pub(crate) async fn of_document(cx: &CallContext, api: &Api, document: &impl Document) -> Self {
        let ids = document.shown_lines().into_iter().flatten().filter_map(|line| line.accounting_item_id.clone());
        let ids: BTreeSet<String> = ids.collect();
        let asked = ids.into_iter().take(MOST).map(async |id: String| (api.item(cx, &id).await, id));
        let mut answers = futures::stream::iter(asked).buffer_unordered(AT_A_TIME);
        let mut items = BTreeMap::new();
        let all = async {
            while let Some((answer, id)) = answers.next().await {
                match answer {
                    Ok(Some(item)) => drop(items.insert(id, item)),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(kind = %error.kind(), "a line goes without its item's code"),
                }
            }
        };
        if tokio::time::timeout(cx.remaining() / 2, all).await.is_err() {
            tracing::warn!("lines go without their items' codes: Alloy takes too long to tell them");
        }
        Self(items)
    }

    /// The item of a line, if it is known.
    pub(crate) fn of(&self, line: &Line) -> Option<&Item> {
        self.0.get(line.accounting_item_id.as_deref()?)
    }
}
