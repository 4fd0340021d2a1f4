use livegate_core::Operation;

use crate::check::{Bench, Checklist, Rule, Verdict, answered, ensure};
use crate::question::Question;

pub(super) fn checks(list: &mut Checklist) {
    for operation in Operation::ALL {
        list.add(format!("{operation}: answered if it is offered, else unsupported"), Ok(()), move |bench| {
            answered_if_offered(bench, operation)
        });
    }
}

async fn answered_if_offered(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let question = Question::of(&bench.subject.cast, operation);
    let answer = line.ask(operation, &question.body()).await;
    if !line.capabilities().offers(operation) {
        let rule = Rule::Adapters("the operations that the ERP does not offer answer `unsupported` by themselves");
        let came = answer.map_or_else(|refusal| refusal.kind().to_string(), |json| json.text().to_owned());
        return ensure(came == "unsupported", rule, "the error unsupported, as it is not offered", came);
    }
    let answer = answered(Rule::Calls, &question, answer)?;
    let found = answer.text() != "{}" && !answer.text().contains(":[],");
    ensure(found, Rule::Calls, format!("something to be found by {question}"), answer.text())
}
