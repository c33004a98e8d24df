//! What stands around every request, whatever it asks for: the connection it comes on ([`EdgeStream`]), the methods of its route
//! ([`methods`]), and what every answer says ([`finish`]).

mod answers;
mod hangup;
pub mod methods;
mod stream;
mod unparsed;

pub use answers::{finish, harden};
pub use hangup::Hangup;
pub use stream::EdgeStream;
