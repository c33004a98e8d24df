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
pub mod reply;
#[cfg(test)]
pub mod sample;
mod session;
mod sight;
mod sync;
mod text;
mod time;
mod token;
mod tongue;
mod user;
mod visibility;
mod visible;

pub use code::Code;
pub use command::{Amendment, Asked, Command, Draft, Mark, NewSession, Reference, RequestId, Target};
pub use conversation::Conversation;
pub use emoji::Emoji;
pub use event::{Acquaintance, Acting, Answer, Audience, Delivery, Event, Reply};
pub use hit::{Hit, Piece};
pub use id::{ConnId, InviteId, SessionId, TokenId, UserId};
pub use invite::{Invite, InviteSession, InviteState};
pub use malformed::malformed;
pub use mention::mentioned;
pub use message::{Message, MessageId, MessageKind, Reactions};
pub use name::{GuestName, Key, Username, is_label, reserved};
pub use page::{Cursor, NamePage, Page};
pub use refusal::{Disconnect, Refusal};
pub use session::{Member, MemberState, Removal, Role, Session, SessionKind};
pub use sight::{Active, Sighted};
pub use sync::{Changes, MemberChange, Receipt, Resync};
pub use text::{Text, Title};
pub use time::Time;
pub use token::{Claim, Door, Identity, Token, TokenUse};
pub use tongue::Tongue;
pub use user::{Accepts, Status, User, UserKind};
pub use visibility::{Directory, PRESENCE_UP_TO, Relation, Shared, VisibilityMatrix};
