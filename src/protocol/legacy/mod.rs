//! The dialects of four older systems, for existing clients of those. A file or folder per system.

pub(crate) mod contacts;
pub(crate) mod lobby;
mod named_event;
pub(crate) mod rooms;
pub(crate) mod sessions;
