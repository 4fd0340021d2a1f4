use super::AWKWARD;
use super::book::LEAK;
use super::records::Partner;

pub(super) fn partners() -> Vec<Partner> {
    let known = [
        // Less than the open documents say: a payment on account is in it.
        ("C20000", "Blue Heron Charters", "4361.72", "10000"),
        ("C45000", "Forty-Five Fathoms", "1035.00", ""),
        ("C46000", "Six Score Sloops", "0", ""),
        // More than its open invoice says: an opening balance is in it.
        ("C47000", "Old Debts Dredging", "800.00", "5000"),
        ("C50000", "Idle Hands Boatyard", "0", ""),
        ("C60000", "Twice Told Tackle", "30.00", ""),
        (LEAK, "Leaky Lighters", "0", ""),
        ("C80000", "Exact Figures Marine", "1234567890123456.78", "1234567890123500.00"),
        ("C81000", "Day and Night Dredging", "50.00", ""),
        ("C82000", "Odds and Ends Chandlery", "730.03", ""),
        (AWKWARD, "Ropes & \"Knots\" <ü>", "12.50", ""),
    ];
    let mut partners: Vec<Partner> = known
        .into_iter()
        .map(|(code, name, balance, limit)| Partner { code, name, balance, limit, ..Partner::default() })
        .collect();
    let foreign = [
        // Just what the open documents say.
        ("C30000", "Euro Yachting", "1100.00", "5000", "EUR"),
        // A payment on account is in it, of which no document tells how much it is in euros.
        ("C31000", "Paid Ahead Shipping", "600.00", "5000", "EUR"),
        ("C40000", "Two Currencies Trading", "515.00", "2000", "##"),
    ];
    partners.extend(foreign.map(|(code, name, balance, limit, currency)| Partner {
        code,
        name,
        balance,
        limit,
        currency,
        ..Partner::default()
    }));
    partners.extend([
        Partner { code: "V10000", name: "Anchor Foundry", kind: "cSupplier", balance: "-900.00", ..Partner::default() },
        Partner { code: "L10000", name: "Perhaps One Day", kind: "cLid", balance: "0", ..Partner::default() },
    ]);
    partners
}
