//! The one place that numbers messages (`seq`) and changes (`rev`) and commits them: [`commit`] takes everything that is queued,
//! runs it as one [`batch`] (group commit), and only then releases replies and events, in commit order.

pub(crate) mod amend;
mod append;
mod batch;
mod bulk;
mod commit;
mod deferred;
mod health;
mod held;
mod job;
mod keys;
mod ledger;
mod locks;
mod outcome;
mod posting;
mod prepared;
mod recovery;
mod revisions;
mod thread;
mod touches;
mod writer;

pub(crate) use commit::Node;
pub(crate) use job::{Job, ReplySlot, Requester, Sink, Unanswered};
pub(crate) use posting::{Destination, Obstacle, OpenDirect, Posting, Refuse, obstacle};
pub(crate) use revisions::Revisions;
pub(crate) use touches::Touches;
pub(crate) use writer::Served;
pub(crate) use writer::Writer;
