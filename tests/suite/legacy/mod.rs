//! The routes of older systems, as their clients call them.

mod admin;
mod contacts;
mod doors;
mod five;
mod lobby;
mod lobby_active;
mod lobby_talking;
mod rooms;
mod sessions;
mod sessions_talking;
