use std::fmt;

/// The rule that a red check names, as it stands in the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    // Sections of docs/live-contract.md.
    Calls,
    Requests,
    Ownership,
    Lists,
    Money,
    Balance,
    Dates,
    // Sentences of docs/adding-an-adapter.md.
    Declared,
    Unsupported,
    Filters,
    Complete,
    Capped,
    NeverEmpty,
    Withheld,
    Ping,
    Form,
    GivenUp,
    LogsOut,
    Closes,
    Fresh,
}

/// Where a rule stands.
enum Place {
    /// A section of the Live contract.
    Contract(&'static str),
    /// A sentence, or a part of one, of what every adapter keeps to.
    Adapters(&'static str),
}

impl Rule {
    fn place(self) -> Place {
        match self {
            Self::Calls => Place::Contract("The Live contract, as livegate answers it"),
            Self::Requests => Place::Contract("Requests"),
            Self::Ownership => Place::Contract("Whose answer it is"),
            Self::Lists => Place::Contract("Lists"),
            Self::Money => Place::Contract("Money"),
            Self::Balance => Place::Contract("The balance"),
            Self::Dates => Place::Contract("Dates and texts"),
            Self::Declared => Place::Adapters("declare in the capabilities just what the ERP does"),
            Self::Unsupported => Place::Adapters("what the ERP does not offer is `unsupported`, and nothing else is"),
            Self::Filters => Place::Adapters(
                "a filter is `Exact` only if the ERP applies it just so; `Partial` may bring too many, never too few",
            ),
            Self::Complete => Place::Adapters("a list is complete, or one page that was asked for"),
            Self::Capped => Place::Adapters("a fetch-all has a cap; past it the answer is `too_large`"),
            Self::NeverEmpty => Place::Adapters("an error is never an empty answer"),
            Self::Withheld => {
                Place::Adapters("leave out what must not leave the ERP: card digits, bank accounts, tax ids, cost")
            }
            Self::Ping => Place::Adapters("ping proves address and credentials with the cheapest harmless call"),
            Self::Form => Place::Adapters("the connection form validates, documents and is listed"),
            Self::GivenUp => Place::Adapters("a call may be given up at any moment"),
            Self::LogsOut => Place::Adapters("a closed connection logs out"),
            Self::Closes => Place::Adapters("closing ends by its deadline, whatever the ERP does"),
            Self::Fresh => Place::Adapters("a connection is asked once for what is still fresh"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Place::Contract(section) => write!(f, "docs/live-contract.md, {section:?}"),
            Place::Adapters(sentence) => write!(f, "docs/adding-an-adapter.md: {sentence}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Rule; 20] = [
        Rule::Calls,
        Rule::Requests,
        Rule::Ownership,
        Rule::Lists,
        Rule::Money,
        Rule::Balance,
        Rule::Dates,
        Rule::Declared,
        Rule::Unsupported,
        Rule::Filters,
        Rule::Complete,
        Rule::Capped,
        Rule::NeverEmpty,
        Rule::Withheld,
        Rule::Ping,
        Rule::Form,
        Rule::GivenUp,
        Rule::LogsOut,
        Rule::Closes,
        Rule::Fresh,
    ];

    #[test]
    fn every_rule_stands_where_a_red_check_says() {
        let contract = include_str!("../../../docs/live-contract.md");
        let adapters = include_str!("../../../docs/adding-an-adapter.md").to_lowercase();
        for rule in ALL {
            match rule.place() {
                Place::Contract(section) => {
                    let heading = contract.lines().any(|line| line.trim_start_matches('#').trim() == section);
                    assert!(heading, "{rule}");
                }
                Place::Adapters(sentence) => assert!(adapters.contains(&sentence.to_lowercase()), "{rule}"),
            }
        }
    }
}
