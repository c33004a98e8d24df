//! The contacts dialect: users have a list of contacts, and a room with each of them.
//!
//! A room is a direct session; its name is made of both usernames. Every important event carries a token, so that a connection
//! is unauthenticated until the first event with a valid one.

mod connection;
mod login_state;
mod replies;
mod requests;
mod room_names;
#[cfg(test)]
mod tests;

pub(crate) use connection::ContactsProtocol;
pub(crate) use room_names::room_name;
