//! The nouns of Parlor: what a user, a session, a message is, and what may be said about them.
//!
//! No I/O and no actix here. A value that exists is valid: names and texts can only be made by parsing.
//! The native dialect's words are the model's own, so what a client sees is serialized from these types as the
//! contract writes it; every other dialect translates.

mod code;
mod command;
mod conversation;
mod emoji;
mod event;
mod hit;
mod id;
mod invite;
mod link;
mod malformed;
mod mention;
mod message;
mod name;
mod page;
mod refusal;
pub(crate) mod reply;
#[cfg(test)]
pub(crate) mod sample;
mod session;
mod sight;
mod sync;
mod text;
mod time;
mod token;
mod tongue;
mod user;
pub(crate) mod visibility;
mod visible;

pub(crate) use code::Code;
pub(crate) use command::{Amendment, Asked, Command, Draft, Mark, NewSession, Reference, RequestId, Target};
pub(crate) use conversation::Conversation;
pub(crate) use emoji::Emoji;
pub(crate) use event::{Acquaintance, Acting, Answer, Audience, Delivery, Event, Reply};
pub(crate) use hit::{Hit, Piece};
pub(crate) use id::{ConnId, InviteId, SessionId, TokenId, UserId};
pub(crate) use invite::{Invite, InviteSession, InviteState};
pub(crate) use malformed::malformed;
pub(crate) use mention::mentioned;
pub(crate) use message::{Message, MessageId, MessageKind, Reactions};
pub(crate) use name::{GuestName, Key, Username, is_label, reserved};
pub(crate) use page::{Cursor, NamePage, Page};
pub(crate) use refusal::{Disconnect, Refusal};
pub(crate) use session::{Member, MemberState, Removal, Role, Session, SessionKind};
pub(crate) use sight::{Active, Sighted};
pub(crate) use sync::{Changes, MemberChange, Receipt, Resync};
pub(crate) use text::{Text, Title};
pub(crate) use time::Time;
pub(crate) use token::{Claim, Door, Identity, Token, TokenUse};
pub(crate) use tongue::Tongue;
pub(crate) use user::{Accepts, Status, User, UserKind};
pub use visibility::Directory;
pub(crate) use visibility::{Relation, Shared, VisibilityMatrix};
