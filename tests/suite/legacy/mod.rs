//! The routes of older systems, as their clients call them.

mod admin;
mod contacts;
mod contacts_ending;
mod contacts_joining;
mod contacts_talking;
mod contacts_turmoil;
mod contacts_waiting;
mod doors;
mod errors;
mod five;
mod goodbyes;
mod lobby;
mod lobby_active;
mod lobby_talking;
mod losses;
mod rooms;
mod sessions;
mod sessions_asking;
mod sessions_client;
mod sessions_talking;
