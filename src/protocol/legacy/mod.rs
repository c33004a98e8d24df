//! The dialects of four older systems, for clients that were written for those. A file or folder per system.

pub(crate) mod contacts;
pub(crate) mod lobby;
pub(crate) mod named_events;
pub(crate) mod rooms;
pub(crate) mod sessions;
