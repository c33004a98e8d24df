//! The types that every layer shares. Values are valid by construction: names and texts can only be made by parsing. REST and the
//! native dialect serialize these types as they are; every other dialect translates them.

mod answer;
mod code;
mod command;
mod dialect;
mod effect;
mod emoji;
mod event;
mod feeds;
#[cfg(test)]
pub(crate) mod fixtures;
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
mod session;
mod sync;
mod text;
mod time;
mod token;
mod user;
pub(crate) mod visibility;
mod visible;

pub(crate) use answer::{Answer, Reply};
pub(crate) use code::Code;
pub(crate) use command::{Amendment, Command, Draft, InviteSelector, Mark, NewSession, RequestId, Target};
pub(crate) use dialect::Dialect;
pub(crate) use effect::{Acquaintance, Attendance, CommitOutput, Effect, ReplyTo};
pub(crate) use emoji::Emoji;
pub(crate) use event::{Audience, Delivery, Event};
pub(crate) use feeds::{ActiveUsers, PresenceChanges};
pub(crate) use id::{ConnId, InviteId, NodeId, SessionId, TokenId, UserId};
pub(crate) use invite::{Invite, InviteSession, InviteState};
pub(crate) use malformed::malformed;
pub(crate) use mention::mentioned;
pub(crate) use message::{Hit, Message, MessageId, MessageKind, Piece, Reactions};
pub(crate) use name::{GuestName, Key, Username, is_label, reserved};
pub(crate) use page::{Cursor, NamePage, Page};
pub(crate) use refusal::{Disconnect, Refusal};
pub(crate) use session::{Member, MemberState, Removal, Role, Session, SessionKind};
pub(crate) use sync::{Backlog, Changes, MemberChange, Receipt, Resync};
pub(crate) use text::{Text, Title};
pub(crate) use time::Time;
pub(crate) use token::{Credential, Identity, LoginMethod, Token, TokenUse};
pub(crate) use user::{Accepts, Status, User, UserKind};
pub use visibility::Directory;
pub(crate) use visibility::{Relation, SharedSession, VisibilityMatrix};
