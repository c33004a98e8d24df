//! The web client in a real browser: each test runs one spec of `specs/` under node's own runner, which drives Chromium
//! against the real binary on a port of its own with a fresh database.
//!
//! The specs are JavaScript, which has direct access to roles, names, focus and network; what they share is in `kit/`. Without
//! node, npm or a browser the tests print that and pass; with `CI=true` they fail instead.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod slots;
mod spec;
mod tools;

use spec::{measured, spec, without_browser};

#[test]
fn modules_of_the_client_work_without_a_browser() {
    without_browser();
}

#[test]
fn users_log_in_by_account_guest_name_and_room_link() {
    spec("login");
}

#[test]
fn users_find_each_other_invite_accept_and_reject() {
    spec("people");
}

#[test]
fn a_message_is_shown_as_sending_sent_and_read() {
    spec("messages");
}

#[test]
fn members_roles_titles_and_leaving_are_shown_to_all_members() {
    spec("members");
}

#[test]
fn a_search_hit_leads_to_its_message() {
    spec("search");
}

#[test]
fn the_page_reconnects_after_restarts_and_reloads() {
    spec("connection");
}

#[test]
fn two_tabs_of_one_user_agree() {
    spec("tabs");
}

#[test]
fn a_room_is_created_joined_by_link_reloaded_and_emptied() {
    spec("rooms");
}

#[test]
fn the_keyboard_alone_is_sufficient() {
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
fn the_first_page_is_small_and_fast() {
    measured("first_load");
}

#[test]
fn scrolling_ten_thousand_messages_is_smooth() {
    measured("many_messages");
}

#[test]
fn a_hundred_hostile_strings_are_shown_as_text() {
    spec("hostile");
}

#[test]
fn names_of_object_properties_and_broken_data_do_not_affect_the_page() {
    spec("names");
}

#[test]
fn the_page_is_right_after_changes_by_translators_and_extensions() {
    spec("foreign_changes");
}

#[test]
fn the_end_of_a_conversation_remains_visible_while_writing() {
    spec("writing");
}

#[test]
fn old_browsers_and_incomplete_pages_show_the_plain_form() {
    spec("old_browsers");
}

#[test]
fn forced_colours_large_text_and_any_emoji_font_are_supported() {
    spec("appearance");
}

#[test]
fn a_system_notification_is_shown_only_while_no_tab_is_looked_at() {
    spec("notifications");
}

#[test]
fn dialogs_close_by_back_and_one_key_loses_no_input() {
    spec("dialogs");
}

#[test]
fn a_reload_requests_no_file_again() {
    spec("reload");
}

#[test]
fn the_plain_forms_work_without_javascript() {
    spec("plain_forms");
}
