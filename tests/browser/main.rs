//! The web client in a real browser: each test runs one spec of `specs/` under node's own runner, which drives Chromium
//! against the real binary on a port of its own with a fresh database.
//!
//! The specs are JavaScript because they speak with the browser's words (roles, names, focus, network); what they share is
//! in `kit/`. Where node, npm or a browser is missing the tests say so and pass; with `CI=true` they fail instead.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod seat;
mod spec;
mod tools;

use spec::{measured, pure, spec};

#[test]
fn the_clients_pure_modules_keep_their_promises() {
    pure();
}

#[test]
fn people_come_in_by_account_by_guest_name_and_by_room_link() {
    spec("coming_in");
}

#[test]
fn people_find_each_other_invite_accept_and_reject() {
    spec("people");
}

#[test]
fn a_message_goes_from_sending_to_sent_to_read() {
    spec("messages");
}

#[test]
fn members_roles_titles_and_leaving_show_at_everyone() {
    spec("members");
}

#[test]
fn search_leads_to_the_message() {
    spec("search");
}

#[test]
fn the_page_stays_connected_through_restarts_and_reloads() {
    spec("connection");
}

#[test]
fn two_tabs_of_one_person_agree() {
    spec("tabs");
}

#[test]
fn a_room_is_made_joined_by_link_reloaded_and_emptied() {
    spec("rooms");
}

#[test]
fn the_keyboard_alone_is_enough() {
    spec("keyboard");
}

#[test]
fn every_view_fits_320_pixels_and_right_to_left_text() {
    spec("layout");
}

#[test]
fn axe_finds_nothing_on_any_view_in_either_theme() {
    spec("axe");
}

#[test]
fn the_first_page_is_light_and_quick() {
    measured("first_load");
}

#[test]
fn ten_thousand_messages_stay_smooth() {
    measured("crowded");
}

#[test]
fn a_hundred_hostile_strings_stay_text() {
    spec("hostile");
}

#[test]
fn unlucky_names_and_what_cannot_be_drawn_take_nothing_with_them() {
    spec("names");
}

#[test]
fn translators_and_extensions_change_the_page_and_it_shows_the_truth() {
    spec("meddling");
}

#[test]
fn the_end_of_a_conversation_stays_in_view_while_one_writes() {
    spec("writing");
}

#[test]
fn old_browsers_and_pages_in_parts_have_the_plain_form() {
    spec("old_browsers");
}

#[test]
fn forced_colours_large_text_and_any_emoji_font_are_served() {
    spec("appearance");
}

#[test]
fn a_system_notification_comes_only_while_no_tab_is_looked_at() {
    spec("notifications");
}

#[test]
fn dialogs_close_by_back_and_lose_nothing_by_one_key() {
    spec("dialogs");
}

#[test]
fn a_reload_asks_for_no_file_again() {
    spec("reload");
}

#[test]
fn the_plain_forms_work_without_javascript() {
    spec("plain_forms");
}
