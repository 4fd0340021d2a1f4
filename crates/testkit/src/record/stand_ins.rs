use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::dates::date_length;

/// Words that stay as they are, because adapters decide by them and they name nobody and nothing of one business: the
/// states and kinds of documents, answers to yes-or-no questions, units of money and measure that are the same everywhere,
/// and what addresses and pages of the web begin with. A single letter stays as well.
const KEPT: &str = "open opened closed close paid unpaid partial partially partiallypaid due overdue void voided draft \
    drafts posted unposted pending approved rejected submitted authorised authorized completed complete cancelled canceled \
    deleted active inactive archived released invoiced shipped fulfilled unfulfilled billed backordered hold quote estimate \
    order orders invoice invoices bill bills credit creditmemo memo creditnote debit payment payments deposit refund sale \
    sales purchase accrec accpay item items service customer customers company organization person individual \
    cash check cheque card ach wire eft true false yes no null none nil unknown ok success error failed warning \
    usd eur gbp cad aud nzd chf sek nok dkk jpy cny inr mxn brl zar pln czk huf sgd hkd aed sar try thb krw \
    ea each pcs hr hrs hour hours ft lb kg http https www doctype html bearer basic utf";

/// What stands in for the words and numbers of a recording: the same for the same everywhere, of the same length and kind,
/// and never one that is itself in the recording as long as there is another.
pub(super) struct StandIns {
    random: RandomState,
    kept: HashSet<String>,
    /// Addresses' hosts and what they become.
    hosts: Vec<(String, String)>,
    /// Secrets and what stands for them.
    secrets: Vec<(String, String)>,
    /// Words that links keep, as the adapter may look for them there.
    in_links: HashSet<String>,
    originals: HashSet<String>,
    chosen: HashMap<String, String>,
    taken: HashSet<String>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'t> {
    /// It stays.
    Plain(&'t str),
    /// It stays, and is told by a clock.
    Date(&'t str),
    /// It becomes this.
    Fixed(&'t str, String),
    /// Letters and digits.
    Word(&'t str),
    /// Digits, with decimals or without.
    Number(&'t str),
}

impl StandIns {
    pub(super) fn new(kept: &[String]) -> Self {
        let kept = KEPT.split_whitespace().map(str::to_owned).chain(kept.iter().map(|word| word.to_lowercase()));
        Self {
            random: RandomState::new(),
            kept: kept.collect(),
            hosts: Vec::new(),
            secrets: Vec::new(),
            in_links: HashSet::new(),
            originals: HashSet::new(),
            chosen: HashMap::new(),
            taken: HashSet::new(),
        }
    }

    /// Lets `placeholder` stand for a secret.
    pub(super) fn hide(&mut self, secret: &str, placeholder: String) {
        if !secret.is_empty() {
            self.secrets.push((secret.to_owned(), placeholder));
        }
    }

    /// What stands in for a host, with its port if it has one.
    pub(super) fn host(&mut self, host: &str) -> String {
        let host = host.to_lowercase();
        if let Some((_, stand_in)) = self.hosts.iter().find(|(known, _)| *known == host) {
            return stand_in.clone();
        }
        let stand_in = match self.hosts.len() {
            0 => "erp.example".to_owned(),
            others => format!("erp-{}.example", others + 1),
        };
        self.hosts.push((host, stand_in.clone()));
        // The longest is looked for first, so that a port does not stay behind.
        self.hosts.sort_by_key(|(host, _)| std::cmp::Reverse(host.len()));
        stand_in
    }

    /// Lets links keep the words of this path or parameter name, as the adapter wrote them.
    pub(super) fn keep_in_links(&mut self, text: &str) {
        let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1);
        self.in_links.extend(words.map(str::to_lowercase));
    }

    /// Whether a word is kept.
    pub(super) fn keeps(&self, word: &str) -> bool {
        self.kept.contains(&word.to_lowercase())
    }

    /// Takes note of what a text holds, so that nothing of it stands in for something else.
    pub(super) fn note(&mut self, text: &str) {
        let originals: Vec<String> = self.pieces(text).iter().filter_map(original).collect();
        self.originals.extend(originals);
    }

    /// Chooses for the whole numbers that were noted, of four digits and more, such that they stay in their order: adapters
    /// sort ids, and ask for them in that order.
    pub(super) fn keep_order(&mut self) {
        let mut lengths: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let ids = self.originals.iter().filter(|original| original.bytes().all(|byte| byte.is_ascii_digit()));
        for id in ids.filter(|id| (4..=28).contains(&id.len())) {
            lengths.entry(id.len()).or_default().insert(id.clone());
        }
        for (length, originals) in lengths {
            // Where most are taken, few others are left, and they need not be in order.
            if originals.len() > 9 * 10_usize.pow(u32::try_from(length.min(6)).unwrap_or(6) - 1) / 3 {
                continue;
            }
            let (mut new, mut attempt) = (BTreeSet::new(), 0_u64);
            while new.len() < originals.len() {
                attempt += 1;
                let candidate = digits(&"1".repeat(length), self.random.hash_one((length, attempt)));
                if !originals.contains(&candidate) {
                    new.insert(candidate);
                }
            }
            self.taken.extend(new.iter().cloned());
            self.chosen.extend(originals.into_iter().zip(new));
        }
    }

    /// The text with everything replaced that could tell somebody's business.
    pub(super) fn replaced(&mut self, text: &str) -> String {
        let pieces: Vec<_> = self.pieces(text);
        pieces.into_iter().map(|piece| self.replacement(&piece)).collect()
    }

    /// Whether `new` is `original` in which some pieces are replaced and others, which the adapter writes by itself, are
    /// not.
    pub(super) fn agrees(&mut self, original: &str, new: &str) -> bool {
        let mut rest = new;
        for piece in self.pieces(original) {
            let replacement = self.replacement(&piece);
            let (Piece::Plain(own) | Piece::Date(own) | Piece::Fixed(own, _) | Piece::Word(own) | Piece::Number(own)) =
                piece;
            let date = || if let Piece::Date(_) = piece { date_length(rest) } else { None };
            let after = rest.strip_prefix(replacement.as_str()).or_else(|| rest.strip_prefix(own));
            rest = match after.or_else(|| date().map(|length| &rest[length..])) {
                Some(after) => after,
                None => return false,
            };
        }
        rest.is_empty()
    }

    /// What of `written`, which should hold stand-ins only, is from the recording and can be no accident: a secret, a host,
    /// a word or number of some length with a digit in it. It is told by its kind and length.
    pub(super) fn leak(&self, written: &str) -> Option<String> {
        if self.secrets.iter().any(|(secret, _)| secret.len() > 3 && written.contains(secret)) {
            return Some("a secret".into());
        }
        let lower = written.to_lowercase();
        if self.hosts.iter().any(|(host, stand_in)| host != stand_in && lower.contains(host)) {
            return Some("a host".into());
        }
        let leaked = |piece: &Piece<'_>| {
            let original = original(piece)?;
            let telling = original.len() > 4 && original.bytes().any(|byte| byte.is_ascii_digit());
            let replaced = self.chosen.contains_key(&original) && !self.taken.contains(&original);
            (telling && replaced).then(|| format!("a word or number of {} characters", original.len()))
        };
        self.pieces(written).iter().find_map(leaked)
    }

    fn pieces<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        let link = text.starts_with("http://") || text.starts_with("https://") || text.starts_with('/');
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(first) = rest.chars().next() {
            let (piece, length) = self.piece(rest, first, link);
            pieces.push(piece);
            rest = &rest[length..];
        }
        pieces
    }

    /// The piece that `rest` begins with; a word or number is never begun in its middle.
    fn piece<'t>(&self, rest: &'t str, first: char, link: bool) -> (Piece<'t>, usize) {
        let ends = |length: usize| !rest[length..].starts_with(char::is_alphanumeric);
        let fixed = self.secrets.iter().find(|(secret, _)| rest.starts_with(secret.as_str()) && ends(secret.len()));
        let host = || {
            self.hosts.iter().find(|(host, _)| {
                let own = rest.get(..host.len()).is_some_and(|start| start.eq_ignore_ascii_case(host));
                own && ends(host.len())
            })
        };
        if let Some((own, stand_in)) = fixed.or_else(host) {
            return (Piece::Fixed(&rest[..own.len()], stand_in.clone()), own.len());
        }
        if let Some(length) = date_length(rest) {
            return (Piece::Date(&rest[..length]), length);
        }
        if !first.is_alphanumeric() {
            let length = first.len_utf8();
            return (Piece::Plain(&rest[..length]), length);
        }
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..length];
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let decimals = rest[length..]
                .strip_prefix('.')
                .map_or(0, |decimals| decimals.find(|c: char| !c.is_ascii_digit()).unwrap_or(decimals.len()));
            let length = if decimals > 0 { length + 1 + decimals } else { length };
            return match length {
                // One digit names nobody, and is mostly a state, a line or a page.
                1 => (Piece::Plain(word), 1),
                _ => (Piece::Number(&rest[..length]), length),
            };
        }
        let lower = word.to_lowercase();
        let stays = word.chars().count() == 1 || self.kept.contains(&lower) || (link && self.in_links.contains(&lower));
        (if stays { Piece::Plain(word) } else { Piece::Word(word) }, length)
    }

    fn replacement(&mut self, piece: &Piece<'_>) -> String {
        match piece {
            Piece::Plain(text) | Piece::Date(text) => (*text).to_owned(),
            Piece::Fixed(_, stand_in) => stand_in.clone(),
            Piece::Word(word) => {
                let stand_in = self.stand_in(&word.to_lowercase(), letters);
                let cased = word.chars().zip(stand_in.chars());
                cased.map(|(own, new)| if own.is_uppercase() { new.to_ascii_uppercase() } else { new }).collect()
            }
            Piece::Number(number) => self.number(number),
        }
    }

    /// Equal amounts stay equal however many zeros they are written with, and zero stays zero.
    fn number(&mut self, number: &str) -> String {
        let Some(plain) = canonical(number) else { return number.to_owned() };
        let stand_in = self.stand_in(&plain, digits);
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let (new_whole, new_decimals) = stand_in.split_once('.').unwrap_or((&stand_in, ""));
        let point = if number.contains('.') { "." } else { "" };
        format!("{new_whole:0>0$}{point}{new_decimals:0<1$}", whole.len(), decimals.len())
    }

    fn stand_in(&mut self, original: &str, kind: fn(&str, u64) -> String) -> String {
        if let Some(chosen) = self.chosen.get(original) {
            return chosen.clone();
        }
        // Among few of one length there may be none that is not in the recording itself, or even none that is free.
        let tries = (0..2000).map(|attempt| kind(original, self.random.hash_one((original, attempt))));
        let mut last = String::new();
        for (attempt, candidate) in tries.enumerate() {
            let free = !self.taken.contains(&candidate);
            let strange = !self.originals.contains(&candidate) && !self.kept.contains(&candidate);
            last = candidate;
            if free && (strange || (attempt > 200 && last != original)) {
                break;
            }
        }
        self.taken.insert(last.clone());
        self.chosen.insert(original.to_owned(), last.clone());
        last
    }
}

/// What a piece is remembered by; `None` for one that stays.
fn original(piece: &Piece<'_>) -> Option<String> {
    match piece {
        Piece::Word(word) => Some(word.to_lowercase()),
        Piece::Number(number) => canonical(number),
        Piece::Plain(_) | Piece::Date(_) | Piece::Fixed(..) => None,
    }
}

/// A number without needless zeros; `None` for zero.
fn canonical(number: &str) -> Option<String> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    match (whole.trim_start_matches('0'), decimals.trim_end_matches('0')) {
        ("", "") => None,
        (whole, "") => Some(whole.to_owned()),
        ("", decimals) => Some(format!("0.{decimals}")),
        (whole, decimals) => Some(format!("{whole}.{decimals}")),
    }
}

/// Other letters and digits in the same places.
fn letters(original: &str, seed: u64) -> String {
    let mut random = Random(seed);
    let other = |c: char| match c {
        c if c.is_ascii_digit() => char::from(b'0' + random.below(10)),
        _ => char::from(b'a' + random.below(26)),
    };
    original.chars().map(other).collect()
}

/// Another number with as many digits before and after the point.
fn digits(original: &str, seed: u64) -> String {
    let mut random = Random(seed);
    let last = original.len() - 1;
    let (zero, decimal) = (original.starts_with("0."), original.contains('.'));
    let other = |(at, c): (usize, char)| match c {
        '.' => '.',
        '0' if at == 0 && zero => '0',
        // The first digit and the last decimal must count.
        _ if at == 0 || (at == last && decimal) => char::from(b'1' + random.below(9)),
        _ => char::from(b'0' + random.below(10)),
    };
    original.chars().enumerate().map(other).collect()
}

/// SplitMix64: enough to be unlike.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u8) -> u8 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u8::try_from((mixed ^ (mixed >> 31)) % u64::from(bound)).expect("a remainder is below its divisor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand_ins() -> StandIns {
        StandIns::new(&[])
    }

    #[test]
    fn the_same_word_becomes_the_same_whatever_its_case_and_place() {
        let mut stand_ins = stand_ins();
        let name = stand_ins.replaced("Bilge");
        assert!(name != "Bilge" && name.len() == 5 && name.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
        assert_eq!(stand_ins.replaced("BILGE"), name.to_uppercase());
        let mail = stand_ins.replaced("bilge@bilge.com, Bilge & Söhne");
        assert!(mail.starts_with(&format!("{0}@{0}.", name.to_lowercase())), "{mail}");
        assert!(mail.contains(&format!(", {name} & ")) && !mail.contains("Söhne"), "{mail}");
    }

    #[test]
    fn equal_amounts_stay_equal_with_their_sign_length_and_decimals() {
        let mut stand_ins = stand_ins();
        let amount = stand_ins.replaced("1234.5");
        assert!(amount.len() == 6 && &amount[4..5] == "." && amount != "1234.5", "{amount}");
        assert_eq!(stand_ins.replaced("-1234.50"), format!("-{amount}0"));
        assert_eq!(stand_ins.replaced("001234.500"), format!("00{amount}00"));
        assert_eq!(stand_ins.replaced("0.00 0 000 0.0"), "0.00 0 000 0.0");
        let cents = stand_ins.replaced("0.05");
        assert!(cents.starts_with("0.") && cents.len() == 4 && !cents.ends_with('0'), "{cents}");
        assert_ne!(stand_ins.replaced("12345"), stand_ins.replaced("12346"));
    }

    #[test]
    fn what_names_nobody_stays() {
        let mut stand_ins = StandIns::new(&["SalesInvoice".into()]);
        for text in ["Open", "PAID", "USD", "C", "7", "true", "2026-04-01T10:00:00Z", "/Date(17)/", "SalesInvoice", ""]
        {
            assert_eq!(stand_ins.replaced(text), text);
        }
    }

    #[test]
    fn stand_ins_are_none_of_the_originals_and_all_different() {
        let mut stand_ins = stand_ins();
        let numbers: Vec<String> = (1000..1400).map(|number| number.to_string()).collect();
        numbers.iter().for_each(|number| stand_ins.note(number));
        let new: HashSet<String> = numbers.iter().map(|number| stand_ins.replaced(number)).collect();
        assert_eq!(new.len(), numbers.len());
        assert!(numbers.iter().all(|number| !new.contains(number)));
        let all: Vec<String> = (10..100).map(|number| number.to_string()).collect();
        all.iter().for_each(|number| stand_ins.note(number));
        let new: HashSet<String> = all.iter().map(|number| stand_ins.replaced(number)).collect();
        assert_eq!(new.len(), all.len(), "all of one length are as many as there can be");
    }

    #[test]
    fn ids_stay_in_their_order() {
        let mut stand_ins = stand_ins();
        let ids: Vec<String> = (0..400).map(|number| format!("{:06}", 99_800 + number)).collect();
        ids.iter().for_each(|id| stand_ins.note(&format!("INV-{id}")));
        stand_ins.keep_order();
        let new: Vec<String> = ids.iter().map(|id| stand_ins.replaced(id)).collect();
        assert!(new.is_sorted() && new.iter().all(|id| id.len() == 6 && !ids.contains(id)), "{new:?}");
        assert_eq!(new.iter().collect::<HashSet<_>>().len(), 400);
    }

    #[test]
    fn hosts_and_secrets_are_replaced_wherever_they_stand() {
        let mut stand_ins = stand_ins();
        stand_ins.host("erp.harbor.com");
        stand_ins.host("erp.harbor.com:8443");
        stand_ins.hide("hunter2", "secret-password".into());
        stand_ins.keep_in_links("/api/invoices?$skip");
        let link = stand_ins.replaced("https://ERP.harbor.com:8443/api/invoices?$skip=20&customer=HB-1042");
        assert!(link.starts_with("https://erp-2.example/api/invoices?$skip="), "{link}");
        assert!(!link.contains("HB") && !link.contains("1042"), "{link}");
        assert_eq!(stand_ins.replaced("hunter2"), "secret-password");
        assert_ne!(stand_ins.replaced("invoices skip"), "invoices skip", "not in a link");
    }

    #[test]
    fn a_new_text_agrees_where_each_piece_is_the_old_one_or_its_stand_in() {
        let mut stand_ins = stand_ins();
        let original = "customer eq 'HB-1042' and date ge 2026-04-01";
        let code = stand_ins.replaced("HB-1042");
        assert!(stand_ins.agrees(original, &format!("customer eq '{code}' and date ge 2026-04-02")));
        assert!(stand_ins.agrees(original, original));
        assert!(!stand_ins.agrees(original, &format!("customer eq '{code}'")));
        assert!(!stand_ins.agrees(original, &format!("customer eq '{code}' and date ge 2026-04-01 ")));
        assert!(!stand_ins.agrees(original, "customer eq 'XX-9999' and date ge 2026-04-01"));
    }

    #[test]
    fn what_is_left_of_the_original_is_found() {
        let mut stand_ins = stand_ins();
        stand_ins.hide("hunter2", "secret-password".into());
        stand_ins.host("erp.harbor.com");
        let written = stand_ins.replaced("HB-1042 owes 283.92");
        assert_eq!(stand_ins.leak(&written), None);
        assert_eq!(stand_ins.leak("see 1042"), None, "too short to be no accident");
        assert_eq!(stand_ins.leak("see 283.920").as_deref(), Some("a word or number of 6 characters"));
        assert_eq!(stand_ins.leak("at ERP.harbor.com").as_deref(), Some("a host"));
        assert_eq!(stand_ins.leak("hunter2").as_deref(), Some("a secret"));
    }
}
