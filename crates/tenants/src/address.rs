use livegate_core::FieldKind;
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use url::{Position, Url};

use crate::Tenant;

impl Tenant {
    /// Where a request went, in the terms of the tenant's file: the setting that its address comes from, and the path that
    /// the adapter added. What the file holds is not repeated, nor a query, nor a path with a secret in it.
    #[must_use]
    pub fn address_in_its_terms(&self, address: &str) -> String {
        let Ok(asked) = Url::parse(address) else { return "no address".to_owned() };
        let asked = &asked[..Position::AfterPath];
        let settings =
            self.adapter.fields.iter().filter(|field| matches!(field.kind, FieldKind::Url | FieldKind::Address));
        let from = settings.filter_map(|field| {
            let own = Url::parse(self.settings.text(field.name)?).ok()?;
            let added = asked.strip_prefix(own[..Position::AfterPath].trim_end_matches('/'))?;
            (added.is_empty() || added.starts_with('/')).then_some((added, field.name))
        });
        let shown =
            |path: &str| if self.has_secret_in(path) { "a path that is not shown".to_owned() } else { path.to_owned() };
        match from.min_by_key(|(added, _)| added.len()) {
            None => format!("{}, the adapter's own default", shown(asked)),
            Some((added, setting)) => {
                let place = self.place_of(&format!("settings.{setting}"));
                if matches!(added, "" | "/") { place } else { format!("{place}, then {}", shown(added)) }
            }
        }
    }

    fn place_of(&self, key: &str) -> String {
        let line = self.key_lines.get(key).map(|line| format!(":{line}")).unwrap_or_default();
        format!("{key} in {}{line}", self.file.display())
    }

    fn has_secret_in(&self, path: &str) -> bool {
        let plain = percent_decode_str(path).decode_utf8_lossy();
        let secrets = self.adapter.fields.iter().filter_map(|field| self.settings.secret(field.name));
        secrets.map(ExposeSecret::expose_secret).any(|secret| plain.contains(secret))
    }
}
