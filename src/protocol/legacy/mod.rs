//! The dialects of four older systems, for clients that were written for those. A file or folder per system.

pub mod contacts;
pub mod lobby;
pub mod named_events;
pub mod rooms;
pub mod sessions;
