//! The documentation: its links resolve, its commands work as they are pasted, and it names what the code has.

mod blocks;
mod configuration;
mod links;
mod pasting;

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use parlor::config::Config;

use crate::kit::*;
use blocks::Block;

/// Words of the README at most.
const README_WORDS: usize = 1_500;
/// Environment variables of tests and examples, which are no settings.
const NOT_SETTINGS: [&str; 4] = ["PARLOR_TEST_", "PARLOR_UPDATE_", "PARLOR_BROWSER", "PARLOR_TOKEN"];
/// What a block may be.
const INFOS: [&str; 13] = [
    "sh",
    "sh example",
    "json",
    "json output",
    "json example",
    "text",
    "js",
    "python",
    "ini",
    "nginx",
    "apache",
    "caddy",
    "caddy example",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page of the documentation, by its path from the root of the repository.
struct Page {
    name: String,
    text: String,
}

impl Page {
    fn read(name: &str) -> Self {
        let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name: name.to_owned(), text }
    }

    fn blocks(&self) -> Vec<Block> {
        blocks::of(&self.name, &self.text)
    }
}

/// Every page, by name.
fn pages() -> Vec<Page> {
    let in_folder = |folder: &str| -> Vec<PathBuf> {
        fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let mut paths = in_folder("docs");
    paths.extend(in_folder("."));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let name = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    let mut names: Vec<String> = paths.iter().map(name).collect();
    names.sort();
    assert!(names.len() > 10, "{names:?}");
    names.iter().map(|name| Page::read(name)).collect()
}

#[test]
fn the_readme_is_short_and_begins_with_two_commands() {
    let readme = Page::read("README.md");
    let words = readme.text.split_whitespace().count();
    assert!(words <= README_WORDS, "README.md has {words} words");
    assert_eq!(readme.blocks()[0].text, pasting::TWO_COMMANDS);
}

#[test]
fn every_block_has_a_known_language() {
    for page in pages() {
        // Commands in a block that the tests do not know would never be run.
        let is_unknown = |line: &&str| line.trim_start().starts_with("~~~") || line.trim_start().starts_with("$ ");
        let unknown = page.text.lines().find(is_unknown);
        assert_eq!(unknown, None, "{}: commands belong into a block of ``` and `sh`, without a prompt", page.name);
        for Block { info, text, line } in page.blocks() {
            let at = format!("{}:{line}", page.name);
            // The diagrams of the architecture have no language.
            let is_diagram = info.is_empty() && page.name == "ARCHITECTURE.md";
            assert!(
                is_diagram || INFOS.contains(&info.as_str()),
                "{at}: a block is `{info}`, which is none of {INFOS:?}"
            );
            if info == "json" {
                let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
                values.for_each(|value| drop(value.unwrap_or_else(|error| panic!("{at}: {error}"))));
            }
            if info.starts_with("sh") {
                // An interactive zsh takes a comment for a command.
                let comment = text.lines().find(|line| line.starts_with('#') || line.contains(" #"));
                assert_eq!(comment, None, "{at}: a comment cannot be pasted into zsh");
            }
        }
    }
}

#[test]
fn every_setting_that_is_named_exists() {
    let command = Config::command();
    let known: Vec<&str> = command.get_arguments().filter_map(|arg| arg.get_env()?.to_str()).collect();
    for page in pages() {
        for (at, _) in page.text.match_indices("PARLOR_") {
            let name: String = page.text[at..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
            let is_known = known.contains(&name.as_str()) || NOT_SETTINGS.iter().any(|other| name.starts_with(other));
            // `PARLOR_RESPONSE_BYTES_…` stands for several.
            let is_group =
                page.text[at + name.len()..].starts_with('…') && known.iter().any(|one| one.starts_with(&name));
            assert!(is_known || is_group, "{} names {name}, which is no setting", page.name);
        }
    }
}

#[test]
fn the_protocol_has_every_route_frame_and_code() {
    let page = Page::read("docs/protocol.md");
    let server = Server::start();
    let document = server.http().get("//openapi.json").ok();
    let keys = |pointer: &str| -> Vec<String> {
        document.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    let routes = keys("/paths").into_iter().map(|path| path.trim_start_matches("/api/v1").to_owned());
    let frames = ["ClientFrame", "ServerFrame"]
        .into_iter()
        .flat_map(|list| keys(&format!("/components/schemas/{list}/discriminator/mapping")))
        .map(|name| format!("`{name}`"));
    let problem = &document["components"]["schemas"]["Problem"].to_string();
    let codes: Vec<String> = parlor_codes(&document);
    assert!(codes.len() > 15, "{problem}");
    let missing: Vec<String> =
        routes.chain(frames).chain(codes).filter(|name| !page.text.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/protocol.md says nothing of {missing:?}");
}

/// The error codes in `/openapi.json`.
fn parlor_codes(document: &Value) -> Vec<String> {
    fn find(value: &Value, codes: &mut Vec<String>) {
        if let Some(names) = value.get("enum").and_then(Value::as_array).filter(|names| names.contains(&json!("busy")))
        {
            codes.extend(names.iter().map(|name| format!("`{}`", name.as_str().unwrap())));
        }
        match value {
            Value::Object(fields) => fields.values().for_each(|value| find(value, codes)),
            Value::Array(values) => values.iter().for_each(|value| find(value, codes)),
            _ => {}
        }
    }
    let mut codes = Vec::new();
    find(&document["components"]["schemas"], &mut codes);
    codes.dedup();
    codes
}
