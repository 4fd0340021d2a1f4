use super::judge::{GENEROUS, Scene, on_every_operation};
use super::outcomes;
use super::table::{Fault, Put};
use crate::fault_proxy::When;
use crate::json::{Json, Type};
use crate::{Outcome, Subject};

/// The most requests of one call into each of which the fault is put: those at the beginning and at the end.
const MOST_REQUESTS: usize = 16;

/// The law: a fault in one of several requests never yields a shorter list or a smaller balance. The call fails, or it
/// answers as without the fault; where the request is a side request, members may be missing. Only what the subject excepts
/// as [`Outcome::Absent`] may make the whole answer absent, and only in the first request.
pub(super) fn judge(subject: &Subject, stacked: bool, fault: &Fault) -> Result<(), String> {
    on_every_operation(subject, |scene| async move { one_by_one(scene, stacked, fault).await })
}

async fn one_by_one(scene: Scene<'_>, stacked: bool, fault: &Fault) -> Result<(), String> {
    let Put::Every(harm) = fault.put else { return Err("this fault cannot be put into one request".into()) };
    let proxy = scene.proxy().await?;
    let whole = scene.whole(&scene.subject.connect(proxy.address(), 10_000), stacked).await?;
    let (usual, all) = (proxy.passed(), proxy.passed().len());
    let questions = usual.iter().filter(|request| !request.login).count();
    let tried = (1..=questions).filter(|number| *number <= MOST_REQUESTS / 2 || number + MOST_REQUESTS / 2 > questions);
    // Where an answer like this one rightly says that there is nothing, the first of all says so of the whole.
    let may_be_absent = outcomes(scene.subject, fault, scene.operation).contains(&Outcome::Absent);
    for number in tried {
        let proxy = scene.proxy().await?;
        proxy.inject(harm, When::Nth(number));
        let adapter = scene.subject.connect(proxy.address(), 10_000);
        let came = scene.watched(&adapter, stacked, GENEROUS, &proxy, all).await?;
        let harmed = proxy.passed().into_iter().find(|request| request.harmed);
        let line = harmed.map(|request| request.line).unwrap_or_default();
        match came {
            Err(error) => scene.keeps_silent(&error, &proxy.bodies())?,
            // Requests that are sent at the same time may be fewer when one of them fails.
            Ok(told) if told == whole => {}
            Ok(told) if number == 1 && may_be_absent && told.is_absent() => {}
            Ok(told) => {
                let path = line.split(' ').nth(1).unwrap_or_default();
                let side = scene.subject.side_requests.iter().any(|part| path.contains(part));
                let costs = if told.is_absent() {
                    Err("everything".into())
                } else {
                    compare("the answer", &whole.json, &told.json)
                };
                match (side, costs) {
                    (true, Ok(())) => {}
                    (true, Err(what)) => {
                        return Err(format!("request {number} of {questions} is a side request, and costs {what}"));
                    }
                    (false, _) => {
                        return Err(format!(
                            "request {number} of {questions} failed, and the answer is another one instead of an error"
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Whether `poorer` is `whole` but for members that are missing, none of which is a document's id or an amount; the error
/// names what else it costs.
fn compare(place: &str, whole: &Json, poorer: &Json) -> Result<(), String> {
    match (whole.is(), poorer.is()) {
        (Type::Object, Type::Object) => {
            if let Some((name, _)) = poorer.members().into_iter().find(|(name, _)| whole.member(name).is_none()) {
                return Err(format!("another answer: {name} is new"));
            }
            whole.members().into_iter().try_for_each(|(name, value)| match poorer.member(&name) {
                Some(left) => compare(&name, &value, &left),
                None if may_be_missing(&name) => Ok(()),
                None => Err(name),
            })
        }
        (Type::List, Type::List) => {
            let (whole, poorer) = (whole.items(), poorer.items());
            if whole.len() != poorer.len() {
                return Err(format!("entries of {place}"));
            }
            whole.iter().zip(&poorer).try_for_each(|(whole, poorer)| compare(place, whole, poorer))
        }
        _ if whole == poorer => Ok(()),
        _ => Err(format!("the value of {place}")),
    }
}

/// Item codes and texts may be missing; what says which document it is and what it amounts to may not.
fn may_be_missing(name: &str) -> bool {
    const AMOUNTS: [&str; 7] = ["total", "balance", "due", "credit", "price", "tax", "discount"];
    !matches!(
        name,
        "order_id" | "invoice_id" | "customer_code" | "orders" | "invoices" | "order_lines" | "invoice_lines"
    ) && !AMOUNTS.iter().any(|amount| name.contains(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_request_costs_members_and_nothing_else() {
        let read = |text: &str| Json::read(text.as_bytes()).unwrap();
        let whole = read(r#"{"orders":[{"order_id":"1","total":5.00,"product_id":"A"},{"order_id":"2"}]}"#);
        let costs = |poorer: &str| compare("the answer", &whole, &read(poorer));
        assert_eq!(costs(r#"{"orders":[{"order_id":"1","total":5.00},{"order_id":"2"}]}"#), Ok(()));
        let red = [
            (r#"{"orders":[{"order_id":"1","total":5.00,"product_id":"A"}]}"#, "entries of orders"),
            (r#"{"orders":[{"order_id":"1","product_id":"A"},{"order_id":"2"}]}"#, "total"),
            (r#"{"orders":[{"order_id":"1","total":5.0},{"order_id":"2"}]}"#, "the value of total"),
            (r#"{"orders":[{"total":5.00},{"order_id":"2"}]}"#, "order_id"),
            (r#"{"orders":[{"order_id":"1","total":5.00,"sku":"A"},{"order_id":"2"}]}"#, "another answer: sku is new"),
            ("{}", "orders"),
        ];
        for (poorer, what) in red {
            assert_eq!(costs(poorer).unwrap_err(), what, "{poorer}");
        }
    }
}
