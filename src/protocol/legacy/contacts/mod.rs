//! The contacts dialect: people with a list of contacts, and with each of them a room of their own.
//!
//! A room is a direct session; its name is made of the two usernames, so whoever has the name knows both ends. Every event
//! that matters carries the token, so a connection is nobody's until it says the first one that is good.

mod said;
mod seat;
mod talk;
#[cfg(test)]
mod tests;
mod told;
mod words;

pub(crate) use talk::Contacts;
pub(crate) use words::room_name;
