//! What the adapter says of itself, as data.

use std::collections::BTreeSet;

use livegate_core::{Capabilities, DemoTenant, Field, FieldKind, FilterSupport, ListCapabilities, Operation};
use regex_lite::Regex;

use crate::check::{Bench, Checklist, Verdict, ensure};
use crate::rule::Rule;

pub(super) fn checks(list: &mut Checklist) {
    list.add("kind: a connection offers no more than its kind", Ok(()), no_more_than_its_kind);
    list.add("kind: what is declared belongs to what is offered", Ok(()), declared_of_offered);
    list.add("kind: every field tells a person what it is", Ok(()), fields_explain);
    list.add("kind: demo tenants fit the form", Ok(()), demo_fits);
}

async fn no_more_than_its_kind(bench: Bench) -> Verdict {
    let line = bench.line();
    let (own, kind) = (line.capabilities(), &bench.subject.kind.capabilities);
    for operation in own.operations {
        let there = kind.offers(*operation);
        ensure(there, Rule::Declared, format!("a kind that offers {operation}, as its connection does"), "none")?;
    }
    let named = std::ptr::eq(line.adapter.kind(), bench.subject.kind);
    ensure(named, Rule::Declared, "the connection to name its own kind", line.adapter.kind().name)?;
    for (what, own, kind) in [("orders", &own.orders, &kind.orders), ("invoices", &own.invoices, &kind.invoices)] {
        for ((filter, own), (_, kind)) in filters(own).into_iter().zip(filters(kind)) {
            let came = format!("{own:?}, where the kind has {kind:?}");
            ensure(rank(own) <= rank(kind), Rule::Declared, format!("no more than the kind by {what}.{filter}"), came)?;
        }
        ensure(!own.pages || kind.pages, Rule::Declared, format!("{what}.pages only if the kind has them"), "pages")?;
        ensure(!own.scoped || kind.scoped, Rule::Declared, format!("{what}.scoped only if the kind is"), "scoped")?;
    }
    let attributes = !own.attributes_orders_to_users || kind.attributes_orders_to_users;
    ensure(attributes, Rule::Declared, "orders attributed to users only if the kind says so", "them attributed")
}

fn filters(list: &ListCapabilities) -> [(&'static str, FilterSupport); 5] {
    [
        ("id", list.id),
        ("customer_po", list.customer_po),
        ("third_party_order_number", list.third_party_order_number),
        ("start_date", list.start_date),
        ("end_date", list.end_date),
    ]
}

fn rank(support: FilterSupport) -> u8 {
    match support {
        FilterSupport::None => 0,
        FilterSupport::Partial => 1,
        FilterSupport::Exact => 2,
    }
}

async fn declared_of_offered(bench: Bench) -> Verdict {
    let line = bench.line();
    for capabilities in [line.capabilities(), &bench.subject.kind.capabilities] {
        of_offered(capabilities)?;
        // Else a connection that is replaced holds a second session, for which the licence may have no room.
        let told = bench.subject.open_sessions.is_none() || capabilities.limits.counts_sessions;
        ensure(told, Rule::Declared, "limits.counts_sessions of an ERP with sessions", "it false")?;
    }
    Ok(())
}

fn of_offered(capabilities: &Capabilities) -> Verdict {
    let distinct: BTreeSet<&Operation> = capabilities.operations.iter().collect();
    let came = format!("{:?}", capabilities.operations);
    ensure(distinct.len() == capabilities.operations.len(), Rule::Declared, "each operation once", came)?;
    for (operation, list) in [(Operation::Orders, &capabilities.orders), (Operation::Invoices, &capabilities.invoices)]
    {
        if capabilities.offers(operation) {
            let covers = list.covers.is_none_or(|covers| !covers.trim().is_empty());
            ensure(covers, Rule::Declared, format!("{operation}.covers in words"), "a blank")?;
        } else {
            let nothing = *list == ListCapabilities::NONE;
            ensure(
                nothing,
                Rule::Declared,
                format!("nothing declared of {operation}, which is not offered"),
                format!("{list:?}"),
            )?;
        }
    }
    let third = capabilities.invoices.third_party_order_number;
    let none = third == FilterSupport::None;
    ensure(
        none,
        Rule::Declared,
        "no filter by third_party_order_number of invoices, as there is none",
        format!("{third:?}"),
    )?;
    let users = !capabilities.attributes_orders_to_users || capabilities.offers(Operation::Orders);
    ensure(users, Rule::Declared, "orders attributed to users only where there are orders", "no orders")?;
    let limits = [capabilities.limits.concurrency, capabilities.limits.requests_per_minute];
    let sensible = limits.iter().all(|limit| *limit != Some(0));
    ensure(sensible, Rule::Declared, "limits above zero", format!("{limits:?}"))
}

async fn fields_explain(bench: Bench) -> Verdict {
    let fields = bench.subject.kind.fields;
    for field in fields {
        let name = field.name;
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        ensure(plain, Rule::Form, "a name of small letters, digits and underscores", format!("{name:?}"))?;
        let once = fields.iter().filter(|other| other.name == name).count() == 1;
        ensure(once, Rule::Form, format!("{name} once"), "it more often")?;
        for (what, text) in [("label", field.label), ("help", field.help), ("example", field.example)] {
            // A yes or no, and one of a few, need no example.
            let needless =
                what == "example" && matches!(field.kind, FieldKind::Choice(_) | FieldKind::Boolean | FieldKind::Map);
            ensure(needless || !text.trim().is_empty(), Rule::Form, format!("a {what} of {name}"), "none")?;
        }
        let readable =
            field.example.is_empty() || field.kind == FieldKind::Map || field.kind.read(field.example).is_some();
        ensure(readable, Rule::Form, format!("an example of {name} that is a {:?}", field.kind), field.example)?;
        // A table's pattern is that of its values, and its example shows a whole entry.
        let like = field.example.is_empty() || field.kind == FieldKind::Map || matches(field, field.example);
        ensure(like, Rule::Form, format!("an example of {name} that matches its own pattern"), field.example)?;
        let default = field.default.is_none_or(|default| field.kind.read(default).is_some());
        ensure(
            default,
            Rule::Form,
            format!("a default of {name} that is a {:?}", field.kind),
            format!("{:?}", field.default),
        )?;
        let secret = !field.secret || (field.default.is_none() && field.kind == FieldKind::Text);
        ensure(secret, Rule::Form, format!("{name} a text without default, as it is a secret"), format!("{field:?}"))?;
        if let Some((other, values)) = field.when {
            let known = fields.iter().find(|field| field.name == other);
            let possible = known.is_some_and(|known| values.iter().all(|value| known.kind.read(value).is_some()));
            ensure(
                possible,
                Rule::Form,
                format!("{name} to depend on values that {other} can have"),
                format!("{values:?}"),
            )?;
        }
    }
    Ok(())
}

async fn demo_fits(bench: Bench) -> Verdict {
    let kind = bench.subject.kind;
    for tenant in kind.demo {
        let once = kind.demo.iter().filter(|other| other.id == tenant.id).count() == 1;
        ensure(once, Rule::Form, format!("{} once", tenant.id), "it more often")?;
        let said = [tenant.id, tenant.title, tenant.customer_code].iter().all(|text| !text.trim().is_empty());
        ensure(said, Rule::Form, format!("id, title and customer of {}", tenant.id), "a blank")?;
        for (texts, secret) in [(tenant.settings, false), (tenant.secrets, true)] {
            for (name, text) in texts {
                let field = kind.fields.iter().find(|field| field.name == *name && field.secret == secret);
                let text = text.replace("{address}", "127.0.0.1:1");
                let fits = field.is_some_and(|field| field.kind.read(&text).is_some() && matches(field, &text));
                let place = if secret { "secret" } else { "setting" };
                ensure(fits, Rule::Form, format!("{}: {name} to be a {place} with such a value", tenant.id), text)?;
            }
        }
        for field in kind.fields {
            let given = text(tenant, field).is_some();
            let applies = applies(kind.fields, tenant, field);
            let came = format!("{}: {}", tenant.id, if given { "one" } else { "none" });
            if field.required && field.default.is_none() {
                ensure(given == applies, Rule::Form, format!("{} given just if it applies", field.name), came)?;
            } else {
                ensure(!given || applies, Rule::Form, format!("{} given only if it applies", field.name), came)?;
            }
        }
    }
    Ok(())
}

fn text(tenant: &DemoTenant, field: &Field) -> Option<&'static str> {
    let given = if field.secret { tenant.secrets } else { tenant.settings };
    given.iter().find(|(name, _)| *name == field.name).map(|(_, text)| *text)
}

/// Whether the other field has one of the values on which this one depends.
fn applies(fields: &[Field], tenant: &DemoTenant, field: &Field) -> bool {
    let Some((other, values)) = field.when else { return true };
    let other = fields.iter().find(|field| field.name == other);
    let first = |field: &Field| match field.kind {
        FieldKind::Choice(choices) => choices.first().copied(),
        _ => None,
    };
    let value = other.and_then(|other| text(tenant, other).or(other.default).or_else(|| first(other)));
    other.is_some_and(|other| applies(fields, tenant, other)) && value.is_some_and(|value| values.contains(&value))
}

/// Whether a text, or each entry of a list, is what the field's pattern asks for; a pattern that is none lets nothing
/// through.
fn matches(field: &Field, text: &str) -> bool {
    let whole =
        |pattern: &str, text: &str| Regex::new(&format!(r"\A(?:{pattern})\z")).is_ok_and(|regex| regex.is_match(text));
    let texts: Vec<&str> = if field.kind == FieldKind::List { text.split(',').collect() } else { vec![text] };
    field.pattern.is_none_or(|pattern| texts.into_iter().all(|text| whole(pattern, text)))
}
