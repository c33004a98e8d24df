//! `docs/configuration.md` is made of the flags. With `PARLOR_UPDATE_DOCS=1` the test writes it anew.

use std::fs;

use clap::{Arg, Command, CommandFactory};
use parlor::config::Config;

use super::{Page, root};
use crate::kit::golden;

const PAGE: &str = "docs/configuration.md";
const BEGIN: &str = "<!-- begin: generated from the flags -->\n";
const END: &str = "<!-- end -->";
const UPDATE: &str = "PARLOR_UPDATE_DOCS=1 cargo test --test suite docs::configuration";

/// The table of the settings that stand in `Config` itself.
const GENERAL: &str = "General";
/// The other tables, each with a setting by which its struct is found: settings of one struct are a group.
const TABLES: [(&str, &str); 2] = [("Times", "heartbeat_seconds"), ("Sizes, counts and rates", "text_bytes")];

/// The table that a setting belongs to.
fn table(command: &Command, setting: &Arg) -> &'static str {
    let is_with = |other: &str| {
        command.get_groups().any(|group| {
            let has = |name: &str| group.get_args().any(|id| id.as_str() == name);
            has(other) && has(setting.get_id().as_str())
        })
    };
    TABLES.iter().find(|(_, other)| is_with(other)).map_or(GENERAL, |(title, _)| title)
}

fn default(arg: &Arg) -> String {
    match arg.get_id().as_str() {
        // They depend on the machine.
        "workers" => return "cores − 1".to_owned(),
        "hashes" => return "cores".to_owned(),
        _ => {}
    }
    let values: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let value = values.join(",");
    let bytes: Option<u64> = value.parse().ok().filter(|_| arg.get_id().as_str().contains("bytes"));
    match bytes {
        _ if value.is_empty() => "none".to_owned(),
        Some(bytes) if bytes >= 1 << 20 => format!("`{value}` ({} MiB)", bytes >> 20),
        Some(bytes) if bytes >= 1 << 10 => format!("`{value}` ({} KiB)", bytes >> 10),
        _ => format!("`{value}`"),
    }
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).expect("every setting has a help").to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut meaning = if help.ends_with('.') { help } else { format!("{help}.") };
    let described = arg.get_possible_values();
    for value in described.iter().filter(|value| value.get_help().is_some()) {
        meaning.push_str(&format!("<br>`{}`: {}", value.get_name(), value.get_help().unwrap()));
    }
    meaning.replace('|', "\\|")
}

fn generated() -> String {
    let command = Config::command();
    let mut text = String::new();
    for title in [GENERAL].into_iter().chain(TABLES.map(|(title, _)| title)) {
        text.push_str(&format!("## {title}\n\n| setting | default | meaning |\n|---|---|---|\n"));
        for arg in command.get_arguments().filter(|arg| table(&command, arg) == title) {
            let Some(env) = arg.get_env().map(|env| env.to_string_lossy()) else { continue };
            let flag = arg.get_long().expect("every setting is a flag");
            text.push_str(&format!("| `{env}`<br>`--{flag}` | {} | {} |\n", default(arg), meaning(arg)));
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_page_matches_the_flags() {
    let page = Page::read(PAGE);
    let (before, rest) = page.text.split_once(BEGIN).expect("the generated part begins");
    let (_, after) = rest.split_once(END).expect("the generated part ends");
    let wanted = format!("{before}{BEGIN}\n{}{END}{after}", generated());
    if golden::is_accepted("PARLOR_UPDATE_DOCS") {
        return fs::write(root().join(PAGE), wanted).unwrap();
    }
    assert!(wanted == page.text, "{PAGE} is out of date: {UPDATE}");
}
