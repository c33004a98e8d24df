//! The routes of older systems, as their clients call them.

mod admin;
mod all_dialects;
mod contacts;
mod contacts_ending;
mod contacts_joining;
mod contacts_messages;
mod contacts_queued;
mod contacts_turmoil;
mod errors;
mod goodbyes;
mod lobby;
mod lobby_active;
mod lobby_messages;
mod losses;
mod rooms;
mod routes;
mod sessions;
mod sessions_client;
mod sessions_invites;
mod sessions_messages;
mod unstorable_texts;
