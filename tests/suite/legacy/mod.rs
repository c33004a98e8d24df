//! The routes of older systems, as their clients call them.

mod admin;
mod contacts;
mod doors;
mod lobby;
mod rooms;
mod sessions;
mod sessions_talking;
