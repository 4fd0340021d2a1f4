//! What the simulator understands of CEQL: `field = 'value' AND field = 'value'`.

/// The fields by which lists can be filtered.
const FIELDS: [&str; 3] = ["id", "externalId", "customer.id"];

/// One equality.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Equality {
    pub field: &'static str,
    pub value: String,
}

/// Reads a condition; `None` for whatever is none.
pub(super) fn read(text: &str) -> Option<Vec<Equality>> {
    let mut equalities = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = rest.split_once('=')?;
        let field = FIELDS.into_iter().find(|known| *known == field.trim())?;
        let literal = after.trim_start().strip_prefix('\'')?;
        let (value, after) = literal.split_once('\'')?;
        // An escape would be a guess.
        if value.contains('\\') || after.starts_with('\'') {
            return None;
        }
        equalities.push(Equality { field, value: value.to_owned() });
        let after = after.trim();
        if after.is_empty() {
            return Some(equalities);
        }
        rest = after.strip_prefix("AND ").or_else(|| after.strip_prefix("and "))?;
    }
}
