use std::fs;
use std::time::SystemTime;

use livegate_tenants::{Credential, Effect, Roster, TenantId, new_token};

use crate::quay::{Bench, HARBOR, edit};

fn cove() -> String {
    edit(&edit(HARBOR, "HARBOR_STORE", "COVE_STORE"), "Harbor Marine", "Cove")
}

/// Whom a token lets in.
fn whom<'a>(roster: &'a Roster, token: &str) -> Option<&'a str> {
    roster.authenticate(&Credential::Token(token)).map(|tenant| tenant.id.as_str())
}

fn effects(roster: &Roster) -> Vec<(Option<&str>, Effect)> {
    roster.broken().iter().map(|broken| (broken.tenant.as_ref().map(TenantId::as_str), broken.effect)).collect()
}

#[test]
fn a_token_names_its_tenant_and_basic_must_name_the_same() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    bench.write("tenants/cove.toml", cove());
    let (roster, told) = bench.begin();
    assert_eq!((roster.tenants().len(), told.len()), (2, 0), "{told:?}");
    assert_eq!(whom(&roster, "harbor-token"), Some("harbor"));
    assert_eq!(whom(&roster, "cove-token"), Some("cove"));
    for wrong in ["", " harbor-token", "harbor-toke", "Harbor-token", "harbor-tokenn", "HARBOR_STORE_TOKEN"] {
        assert_eq!(whom(&roster, wrong), None, "{wrong}");
    }
    let basic = |tenant, token| {
        roster.authenticate(&Credential::TenantToken { tenant, token }).map(|tenant| tenant.id.as_str())
    };
    assert_eq!(basic("harbor", "harbor-token"), Some("harbor"));
    assert_eq!(basic("cove", "cove-token"), Some("cove"));
    for (tenant, token) in
        [("cove", "harbor-token"), ("harbor", "cove-token"), ("", "harbor-token"), ("Cove", "cove-token")]
    {
        assert_eq!(basic(tenant, token), None, "{tenant}:{token}");
    }
}

#[test]
fn every_token_of_a_tenant_opens_it_and_twice_the_same_is_harmless() {
    let mut bench = Bench::new();
    let (token, digest) = new_token();
    let tokens =
        format!("{{ env = \"HARBOR_STORE_TOKEN\" }}, {{ sha256 = \"{digest}\" }}, {{ sha256 = \"{digest}\" }}");
    bench.write("tenants/harbor.toml", edit(HARBOR, "{ env = \"HARBOR_STORE_TOKEN\" }", &tokens));
    let (roster, told) = bench.begin();
    assert_eq!(told, [""; 0]);
    assert_eq!((whom(&roster, &token), whom(&roster, "harbor-token")), (Some("harbor"), Some("harbor")));
    assert_eq!(whom(&roster, &digest), None, "the digest is no token");
}

#[test]
fn a_digest_shown_in_place_of_its_token_is_told_apart_and_opens_nothing() {
    let mut bench = Bench::new();
    let (token, digest) = new_token();
    // What stands behind lgt_ in this token was taken for its SHA-256.
    let (own, halved) = ("0f".repeat(32), format!("lgt_{}", "0f".repeat(32)));
    let tokens = format!("{{ sha256 = \"{digest}\" }},\n  {{ sha256 = \"{own}\" }}");
    bench.write("tenants/harbor.toml", edit(HARBOR, "{ env = \"HARBOR_STORE_TOKEN\" }", &tokens));
    let (roster, _) = bench.begin();
    for (shown, place) in [
        (digest.as_str(), Some("3: tokens[0]")),
        (&digest.to_uppercase(), Some("3: tokens[0]")),
        (&own, Some("4: tokens[1]")),
        (&halved, Some("4: tokens[1]")),
        (&token, None),
        (&"1f".repeat(32), None),
        ("", None),
    ] {
        for credential in [Credential::Token(shown), Credential::TenantToken { tenant: "harbor", token: shown }] {
            let told: Vec<_> = roster.shown_digest(&credential).into_iter().collect();
            let expected = place.map(|place| {
                format!(
                    "tenants/harbor.toml:{place}: a caller showed as a token what stands here as a token's SHA-256; \
                     `livegate token` prints a new pair: the token is for the webstore, its SHA-256 for this file"
                )
            });
            assert_eq!(bench.lines(&told), Vec::from_iter(expected), "{shown}");
        }
        assert_eq!(whom(&roster, shown).is_some(), shown == token);
    }
}

#[test]
fn a_new_file_adds_a_tenant_and_a_removed_one_takes_it_away() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let (first, _) = bench.begin();
    bench.write("tenants/cove.toml", cove());
    let (second, _) = bench.next(&first);
    assert_eq!((whom(&second, "harbor-token"), whom(&second, "cove-token")), (Some("harbor"), Some("cove")));
    assert_eq!(whom(&first, "cove-token"), None, "a snapshot does not change");
    bench.remove("tenants/harbor.toml");
    let (third, told) = bench.next(&second);
    assert_eq!((whom(&third, "harbor-token"), whom(&third, "cove-token")), (None, Some("cove")));
    assert!(third.tenant("harbor").is_none() && told.is_empty() && third.broken().is_empty());
}

#[test]
fn a_broken_file_is_left_out_at_the_start_and_others_are_untouched() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", edit(HARBOR, "quay", "key"));
    bench.write("tenants/cove.toml", cove());
    let (roster, told) = bench.begin();
    assert_eq!((whom(&roster, "harbor-token"), whom(&roster, "cove-token")), (None, Some("cove")));
    assert_eq!(effects(&roster), [(Some("harbor"), Effect::LeftOut)]);
    assert_eq!(roster.broken()[0].mistakes.len(), 1);
    assert_eq!(told, bench.lines(&roster.broken()[0].mistakes));
}

#[test]
fn a_broken_file_keeps_its_last_good_version_until_it_is_mended() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let (first, _) = bench.begin();
    bench.write("tenants/harbor.toml", edit(HARBOR, "\"60s\"", "60"));
    let (second, told) = bench.next(&first);
    assert_eq!(told.len(), 1);
    assert_eq!(effects(&second), [(Some("harbor"), Effect::OlderVersion)]);
    assert_eq!(whom(&second, "harbor-token"), Some("harbor"));
    assert_eq!(second.tenant("harbor").unwrap().digest, first.tenant("harbor").unwrap().digest);
    // Broken for a second time, it still runs as it last was good.
    bench.environment.remove("HARBOR_STORE_TOKEN");
    let (third, told) = bench.next(&second);
    assert_eq!((told.len(), whom(&third, "harbor-token")), (2, Some("harbor")));
    bench.write("tenants/harbor.toml", edit(HARBOR, "HARBOR_STORE", "COVE_STORE"));
    let (fourth, told) = bench.next(&third);
    assert_eq!((told.len(), fourth.broken().len()), (0, 0));
    assert_eq!((whom(&fourth, "harbor-token"), whom(&fourth, "cove-token")), (None, Some("harbor")));
}

#[test]
fn a_broken_file_that_is_removed_takes_its_older_version_along() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let (first, _) = bench.begin();
    bench.write("tenants/harbor.toml", "[");
    let (second, _) = bench.next(&first);
    bench.remove("tenants/harbor.toml");
    let (third, told) = bench.next(&second);
    assert_eq!((third.tenants().len(), whom(&third, "harbor-token"), told.len()), (0, None, 0));
}

#[test]
fn a_directory_that_cannot_be_read_keeps_everything_and_says_so() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    bench.write("tenants/cove.toml", "[");
    let (first, _) = bench.begin();
    fs::rename(bench.path("tenants"), bench.path("away")).unwrap();
    let (second, told) = bench.next(&first);
    assert_eq!(
        told,
        [format!(
            "{}: the directory of the tenants cannot be read: entity not found; create it, or correct directory under \
             [tenants] in livegate.toml",
            "tenants"
        )]
    );
    assert_eq!(whom(&second, "harbor-token"), Some("harbor"));
    assert_eq!(effects(&second), [(Some("cove"), Effect::LeftOut), (None, Effect::AllKept)]);
    let (third, _) = bench.next(&second);
    assert_eq!(effects(&third), effects(&second), "it is said once");
    fs::rename(bench.path("away"), bench.path("tenants")).unwrap();
    let (fourth, _) = bench.next(&third);
    assert_eq!((whom(&fourth, "harbor-token"), effects(&fourth).len()), (Some("harbor"), 1));
}

#[test]
fn a_token_that_two_tenants_claim_at_the_start_opens_neither() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let both = "tokens = [\n{ env = \"COVE_STORE_TOKEN\" },\n{ env = \"HARBOR_STORE_TOKEN\" },\n]";
    bench.write("tenants/cove.toml", edit(&cove(), "tokens = [{ env = \"COVE_STORE_TOKEN\" }]", both));
    let (roster, told) = bench.begin();
    assert_eq!((whom(&roster, "harbor-token"), whom(&roster, "cove-token")), (None, Some("cove")));
    let basic = Credential::TenantToken { tenant: "harbor", token: "harbor-token" };
    assert!(roster.authenticate(&basic).is_none());
    let why = "the tenants \"cove\", \"harbor\" claim the same token: it opens none of them; give each tenant a token of its \
               own; `livegate token` makes one";
    assert_eq!(
        told,
        [format!("tenants/cove.toml:5: tokens[1]: {why}"), format!("tenants/harbor.toml:3: tokens[0]: {why}")]
    );
    assert_eq!(effects(&roster), [(Some("cove"), Effect::TokenRefused), (Some("harbor"), Effect::TokenRefused)]);
    assert_eq!(roster.tenants().len(), 2);
    // Once only one claims it, it is that one's.
    bench.write("tenants/cove.toml", cove());
    let (roster, told) = bench.next(&roster);
    assert_eq!((whom(&roster, "harbor-token"), told.len()), (Some("harbor"), 0));
}

#[test]
fn a_token_that_two_tenants_claim_stays_with_the_one_that_had_it() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let (first, _) = bench.begin();
    bench.write("tenants/cove.toml", HARBOR);
    let (second, told) = bench.next(&first);
    assert_eq!(whom(&second, "harbor-token"), Some("harbor"));
    assert_eq!(
        told,
        [
            "tenants/cove.toml:3: tokens[0]: the tenants \"cove\", \"harbor\" claim the same token: it stays with \"harbor\", \
          which had it before; give each tenant a token of its own; `livegate token` makes one"
        ]
    );
    assert_eq!(effects(&second), [(Some("cove"), Effect::TokenRefused)]);
    // It stays there while the owner's own file is broken, and over any number of reloads.
    bench.write("tenants/harbor.toml", "[");
    let (third, _) = bench.next(&second);
    assert_eq!(whom(&third, "harbor-token"), Some("harbor"));
    bench.write("tenants/harbor.toml", HARBOR);
    let (fourth, _) = bench.next(&third);
    assert_eq!(whom(&fourth, "harbor-token"), Some("harbor"));
    // It passes on when the owner lets go of it.
    bench.remove("tenants/harbor.toml");
    let (fifth, told) = bench.next(&fourth);
    assert_eq!((whom(&fifth, "harbor-token"), told.len()), (Some("cove"), 0));
    // Whoever had it last keeps it: a file that comes back claims what another has by then.
    bench.write("tenants/harbor.toml", HARBOR);
    let (sixth, told) = bench.next(&fifth);
    assert_eq!(
        (whom(&sixth, "harbor-token"), effects(&sixth)),
        (Some("cove"), vec![(Some("harbor"), Effect::TokenRefused)])
    );
    assert!(
        told[0].starts_with("tenants/harbor.toml:3: tokens[0]") && told[0].contains("stays with \"cove\""),
        "{told:?}"
    );
    // It is settled by the claims alone, as soon as one of the two lets go.
    bench.write("tenants/cove.toml", cove());
    let (seventh, told) = bench.next(&sixth);
    assert_eq!((whom(&seventh, "harbor-token"), told.len()), (Some("harbor"), 0));
}

#[test]
fn the_fingerprint_changes_with_every_file_that_counts_and_with_no_other() {
    let mut bench = Bench::new();
    bench.write("token", "file-token");
    let token = format!("{{ file = \"{}\" }}", bench.path("token").display());
    let text = edit(HARBOR, "{ env = \"HARBOR_STORE_TOKEN\" }", &token);
    bench.write("tenants/harbor.toml", &text);
    let begun = bench.files.fingerprint();
    let before = bench.read().fingerprint;
    assert_ne!(begun, before, "the named file was not known");
    assert_eq!(bench.files.fingerprint(), before);
    assert_eq!(bench.read().fingerprint, before);
    bench.write("tenants/README.md", "nothing");
    bench.write("tenants/.swap.toml", "nothing");
    assert_eq!(bench.files.fingerprint(), before);

    type Change = fn(&Bench);
    let changes: [(&str, Change); 6] = [
        ("a new file", |bench| bench.write("tenants/cove.toml", cove())),
        ("a changed file", |bench| bench.write("tenants/cove.toml", cove() + "\n")),
        ("a removed file", |bench| bench.remove("tenants/cove.toml")),
        ("a changed secret", |bench| bench.write("token", "another file-token")),
        ("a replaced secret of equal size and time", |bench| {
            let modified = fs::metadata(bench.path("token")).unwrap().modified().unwrap();
            bench.write("token.new", "whatever file-tokn");
            fs::File::options().write(true).open(bench.path("token.new")).unwrap().set_modified(modified).unwrap();
            fs::rename(bench.path("token.new"), bench.path("token")).unwrap();
        }),
        ("a removed secret", |bench| bench.remove("token")),
    ];
    for (what, change) in changes {
        let before = bench.read().fingerprint;
        change(&bench);
        assert_ne!(bench.files.fingerprint(), before, "{what}");
    }
    // The tenant that misses its secret is waiting for the file.
    let before = bench.read().fingerprint;
    bench.write("token", "file-token");
    let after = bench.files.fingerprint();
    assert_ne!(after, before);
    fs::rename(bench.path("tenants"), bench.path("away")).unwrap();
    assert_ne!(bench.files.fingerprint(), after, "a directory that went away");
    assert_eq!(bench.read().fingerprint, bench.files.fingerprint());
}

#[test]
fn a_file_that_is_only_touched_is_read_again() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let before = bench.read().fingerprint;
    let file = fs::File::options().write(true).open(bench.path("tenants/harbor.toml")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_ne!(bench.files.fingerprint(), before);
}
