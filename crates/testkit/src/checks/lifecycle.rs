//! One connection over time: repeated, concurrent and cancelled calls, proof of address, farewell.

use std::time::Duration;

use futures::future::{Either, join_all, select};
use livegate_core::{CallContext, ErrorKind, Operation};
use tokio::net::TcpSocket;

use super::operations::is_nothing;
use crate::check::{Bench, Checklist, Verdict, answered, broken, ensure};
use crate::question::Question;
use crate::rule::Rule;

/// What a call gets that is expected to end, and what it takes at the most: far more than it needs.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a farewell gets that nobody answers.
const SHORT: Duration = Duration::from_millis(100);

/// At how many requests of a call it is given up, one after the other.
const REQUESTS: usize = 6;

pub(super) fn checks(list: &mut Checklist) {
    for operation in Operation::ALL {
        let offered = list.offers(operation);
        list.add(format!("{operation}: the same question gets the same bytes"), offered.clone(), move |bench| {
            same_bytes(bench, operation)
        });
        list.add(
            format!("{operation}: a cancelled call leaves the connection usable"),
            offered.clone(),
            move |bench| cancelled(bench, operation),
        );
        list.add(format!("{operation}: unreachable when nobody listens"), offered, move |bench| {
            nobody_listens(bench, operation)
        });
    }
    list.add("connection: calls at the same time get each their own answer", Ok(()), at_the_same_time);
    list.add("connection: ping succeeds", Ok(()), ping);
    list.add("connection: ping is unreachable when nobody listens", Ok(()), ping_nobody);
    let sessions = list.subject.open_sessions.map(|_| ()).ok_or_else(|| "the ERP knows no sessions".to_owned());
    list.add("connection: closed, it has logged out", sessions, logs_out);
    list.add("connection: closing it never hangs", Ok(()), close_ends);
}

async fn same_bytes(bench: Bench, operation: Operation) -> Verdict {
    let (line, tap) = bench.tapped();
    let question = Question::of(&bench.subject.cast, operation);
    let first = answered(Rule::Calls, &question, line.ask(operation, &question.body()).await)?;
    ensure(!is_nothing(&first), Rule::Calls, format!("something by {question}"), first.text())?;
    let sent = tap.sent();
    for _ in 0..2 {
        let again = answered(Rule::Calls, &question, line.ask(operation, &question.body()).await)?;
        ensure(again == first, Rule::Calls, format!("{} once more by {question}", first.text()), again.text())?;
    }
    let more = tap.sent() - sent;
    let rule = Rule::Fresh;
    ensure(sent > 0, rule, "at least one request to the ERP", sent)?;
    ensure(!bench.stacked || more == 0, rule, format!("no further request by {question}"), more)
}

async fn at_the_same_time(bench: Bench) -> Verdict {
    let (line, cast) = (bench.line(), &bench.subject.cast);
    let mut questions = Vec::new();
    for operation in Operation::ALL.into_iter().filter(|operation| line.capabilities().offers(*operation)) {
        let own = Question::of(cast, operation);
        for customer in [Some(cast.customer), cast.awkward, Some(cast.nobody), cast.empty].into_iter().flatten() {
            questions.push(own.clone().with("customer_code", customer));
        }
    }
    let both: Vec<&Question> = questions.iter().chain(&questions).chain(&questions).collect();
    let line = &line;
    let answers = join_all(both.iter().map(|question| async move {
        let answer = line.ask(question.operation, &question.body()).await;
        answered(Rule::Calls, question, answer)
    }));
    let answers = answers.await;
    // A connection of its own, so that nothing kept can hide what was mixed up.
    let calm = bench.line();
    for (question, answer) in both.iter().zip(answers) {
        let expected = answered(Rule::Calls, question, calm.ask(question.operation, &question.body()).await)?;
        let answer = answer?;
        ensure(answer == expected, Rule::Ownership, format!("{} by {question}", expected.text()), answer.text())?;
    }
    Ok(())
}

async fn cancelled(bench: Bench, operation: Operation) -> Verdict {
    let question = Question::of(&bench.subject.cast, operation);
    let expected = answered(Rule::Calls, &question, bench.line().ask(operation, &question.body()).await)?;
    let rule = Rule::GivenUp;
    for request in 0..REQUESTS {
        let (line, tap) = bench.tapped();
        let line = line.within(PATIENCE);
        tap.hold_after(request);
        let body = question.body();
        let call = Box::pin(line.ask(operation, &body));
        match select(call, Box::pin(tap.holds_one())).await {
            // It needs no more requests than were let through.
            Either::Left((answer, _)) => {
                answered(rule, &question, answer)?;
                return ensure(request > 0, rule, "at least one request to the ERP", "none");
            }
            Either::Right(((), given_up)) => drop(given_up),
        }
        tap.release();
        let again =
            answered(rule, format!("{question}, asked after a call was given up"), line.ask(operation, &body).await)?;
        ensure(again == expected, rule, format!("{} after a call was given up", expected.text()), again.text())?;
    }
    Ok(())
}

/// An address that belongs to us and at which nobody listens.
fn nowhere() -> Result<(TcpSocket, std::net::SocketAddr), String> {
    let bound = || -> std::io::Result<_> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        Ok((socket, address))
    };
    bound().map_err(|error| format!("no port for the check: {error}"))
}

async fn nobody_listens(bench: Bench, operation: Operation) -> Verdict {
    let (_port, address) = nowhere()?;
    let (line, _) = bench.tapped_at(address);
    let question = Question::of(&bench.subject.cast, operation);
    let came = match line.ask(operation, &question.body()).await {
        Err(refusal) if refusal.kind() == ErrorKind::Unreachable => return Ok(()),
        Err(refusal) => format!("the error {refusal}"),
        Ok(answer) => answer.text().to_owned(),
    };
    Err(broken(Rule::NeverEmpty, "the error unreachable, as nobody listens", came))
}

async fn ping(bench: Bench) -> Verdict {
    let (line, tap) = bench.tapped();
    let rule = Rule::Ping;
    let outcome = line.adapter.ping(&line.context()).await;
    outcome.map_err(|error| broken(rule, "success against the simulator", format!("the error {error}")))?;
    ensure(tap.sent() > 0, rule, "a request to the ERP", "none")
}

async fn ping_nobody(bench: Bench) -> Verdict {
    let (_port, address) = nowhere()?;
    let (line, _) = bench.tapped_at(address);
    let came = match line.adapter.ping(&line.context()).await {
        Err(error) if error.kind() == ErrorKind::Unreachable => return Ok(()),
        Err(error) => format!("the error {error}"),
        Ok(()) => "success".to_owned(),
    };
    let rule = Rule::Ping;
    Err(broken(rule, "the error unreachable, as nobody listens", came))
}

/// Asks everything once, so that whoever needs a session has one.
async fn ask_everything(line: &crate::line::Line, bench: &Bench) -> Verdict {
    for operation in Operation::ALL.into_iter().filter(|operation| line.capabilities().offers(*operation)) {
        let question = Question::of(&bench.subject.cast, operation);
        answered(Rule::Calls, &question, line.ask(operation, &question.body()).await)?;
    }
    Ok(())
}

async fn logs_out(bench: Bench) -> Verdict {
    let Some(open_sessions) = bench.subject.open_sessions else { return Ok(()) };
    // Other checks hold sessions at the common simulator at the same time.
    let simulator = bench.subject.kind.simulator.ok_or("the adapter has no simulator")?;
    let simulator = simulator().map_err(|error| format!("the simulator does not start: {error}"))?;
    let (line, _) = bench.tapped_at(simulator.address);
    let rule = Rule::LogsOut;
    ask_everything(&line, &bench).await?;
    let open = open_sessions(simulator.address);
    ensure(open > 0, rule, "a session while the connection is open", open)?;
    line.adapter.close(&CallContext::new("farewell", PATIENCE)).await;
    let open = open_sessions(simulator.address);
    ensure(open == 0, rule, "no open session after close", open)
}

async fn close_ends(bench: Bench) -> Verdict {
    let rule = Rule::Closes;
    let farewell = |line: crate::line::Line| async move {
        let cx = CallContext::new("farewell", SHORT);
        let ended = tokio::time::timeout(PATIENCE, line.adapter.close(&cx)).await;
        ended.map_err(|_| broken(rule, format!("close to end within {SHORT:?}"), format!("nothing for {PATIENCE:?}")))
    };
    let (unused, _) = bench.tapped();
    farewell(unused).await?;
    let (used, tap) = bench.tapped();
    ask_everything(&used, &bench).await?;
    tap.hold_after(0);
    farewell(used).await?;
    let (_port, address) = nowhere()?;
    let (lonely, _) = bench.tapped_at(address);
    farewell(lonely).await
}
