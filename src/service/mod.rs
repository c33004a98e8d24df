//! The rules: who may do what, in which order it is checked, and with which error it is refused. Reading rows, checking the rules
//! and writing happen in one transaction of the writer, so what was checked still holds when the change is written. Where several
//! servers write to one database, this needs the locks that each change declares ([`Touches`](crate::store::Touches)).

pub(crate) mod accounts;
pub(crate) mod amendments;
pub(crate) mod failure_budgets;
pub(crate) mod history;
pub(crate) mod invites;
pub(crate) mod membership;
pub(crate) mod messages;
pub(crate) mod operator_requests;
#[cfg(test)]
mod races;
pub(crate) mod revocation;
pub(crate) mod search;
mod services;
pub(crate) mod sessions;

pub(crate) use services::Services;

use crate::domain::{Answer, CommitOutput, ConnId, Refusal, ReplyTo};

/// A page of a list, and the cursor of the next one.
type Listed<T> = Result<(Vec<T>, Option<String>), Refusal>;

/// The connection that sent a command: it gets the reply instead of the event.
fn connection(reply_to: &ReplyTo) -> Option<ConnId> {
    reply_to.as_ref().map(|(connection, _)| *connection)
}

/// Puts the reply before all events of the command, so that its sender knows of a session before the others' next events.
fn reply(out: &mut Vec<CommitOutput>, reply_to: ReplyTo, answer: Answer) {
    out.splice(0..0, CommitOutput::reply(reply_to, answer));
}
