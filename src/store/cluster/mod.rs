//! Several servers ("nodes") on one PostgreSQL database. All of them deliver the same commits in the same order, as if there were
//! one writer: the order of the table `outbox`.

mod codec;
mod identity;
mod nodes;
mod outbox;

pub(crate) use codec::{decode, encode};
pub(crate) use identity::NodeIdentity;
pub(crate) use nodes::{Beats, Silent, abandoned, attach, beat, end, register, stop};
pub(crate) use outbox::{Entry, PAGE, append, behind};
