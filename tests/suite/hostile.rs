//! Hostile input: it is refused or closed with its code, costs no memory, and the server keeps running.
//!
//! The plain cases (not JSON, unknown types, ten faults, sizes) stand with the frames and the errors they belong to.

mod crowd;
mod guest;
mod payloads;
mod requests;
mod unread;
mod wires;
