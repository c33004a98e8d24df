//! A layer uses the layers below it and none above, and the parts of a layer do not use each other: the map is the one that
//! `src/lib.rs` shows.

use std::collections::BTreeSet;
use std::fs;

use super::crate_map::{Crate, Module};
use super::{root, sources};

/// The parts of one layer of the map that use another part of it: the first uses the second.
const BESIDE: [(&str, &str); 3] = [("config", "rate_limit"), ("rate_limit", "security_log"), ("socketio", "websocket")];

/// Folders inside of one part that do not use each other.
const APART: [&[&str]; 3] = [
    &["http/api", "http/legacy", "http/web"],
    &["protocol/native", "protocol/legacy"],
    &["protocol/legacy/contacts", "protocol/legacy/lobby", "protocol/legacy/rooms", "protocol/legacy/sessions"],
];

/// Inside of one part: the first folder does not use the others, which are above it.
const BELOW: [(&str, &[&str]); 2] = [
    ("gateway/outbound", &["gateway/connection", "gateway/transport", "gateway/socketio", "gateway/drive"]),
    ("gateway/connection", &["gateway/transport", "gateway/drive"]),
];

/// Where a crate may be used: SQL in the store, actors and HTTP above the rules.
const LIBRARIES: [(&str, &[&str]); 2] =
    [("diesel", &["store"]), ("actix_web", &["edge", "http", "gateway", "server", "main", "rate_limit", "service"])];

/// The layers of the map in `src/lib.rs`, from the ground up.
fn layers() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let map = text.split("//! ```text\n").nth(1).and_then(|rest| rest.split("//! ```").next()).expect("a map");
    let mut layers: Vec<Vec<String>> = map
        .lines()
        .map(|line| line.trim_start_matches("//!").trim().split("  ").next().unwrap_or_default())
        .map(|parts| parts.split(" · ").map(str::to_owned).collect())
        .collect();
    layers.reverse();
    layers
}

/// True for a module in this folder, or the file of that name.
fn is_in(module: &Module, folder: &str) -> bool {
    let parts: Vec<&str> = folder.split('/').collect();
    module.len() >= parts.len() && module.iter().zip(&parts).all(|(one, other)| one == other)
}

#[test]
fn no_part_uses_what_is_above_or_beside_it() {
    let layers = layers();
    let layer = |part: &str| {
        let found = layers.iter().position(|parts| parts.iter().any(|one| one == part));
        found.unwrap_or_else(|| panic!("`{part}` is not in the map of src/lib.rs"))
    };
    let mut count = 0;
    for (from, used) in Crate::read().uses() {
        let Some(part) = from.first() else { continue };
        for other in used.iter().filter_map(|used| used.first()).filter(|other| *other != part) {
            count += 1;
            let is_beside = BESIDE.contains(&(part.as_str(), other.as_str()));
            assert!(
                layer(other) < layer(part) || is_beside,
                "{}: `{part}` uses `{other}`, which is not below it",
                from.join("/")
            );
        }
    }
    assert!(count > 300, "only {count} uses found: has the way of writing them changed?");
}

#[test]
fn every_part_is_in_the_map_and_every_part_of_the_map_is_there() {
    let there: BTreeSet<String> =
        Crate::read().0.keys().filter_map(|module| module.first().cloned()).filter(|part| part != "lib").collect();
    let mapped: BTreeSet<String> = layers().into_iter().flatten().collect();
    assert_eq!(there, mapped);
}

#[test]
fn inside_of_a_part_folders_keep_apart() {
    let uses = Crate::read().uses();
    let check = |folder: &str, other: &str| {
        for known in [folder, other] {
            assert!(uses.keys().any(|module| is_in(module, known)), "{known} is not there any more");
        }
        for (from, used) in uses.iter().filter(|(from, _)| is_in(from, folder)) {
            let wrong = used.iter().find(|used| is_in(used, other));
            assert_eq!(wrong, None, "{} uses {other}", from.join("/"));
        }
    };
    for folders in APART {
        for folder in folders {
            folders.iter().filter(|other| *other != folder).for_each(|other| check(folder, other));
        }
    }
    for (folder, above) in BELOW {
        above.iter().for_each(|other| check(folder, other));
    }
}

#[test]
fn libraries_are_used_where_they_belong() {
    let src = root().join("src");
    for file in sources(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let part = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let text = fs::read_to_string(&file).unwrap();
        for (library, parts) in LIBRARIES {
            let is_used = text.contains(&format!("use {library}::")) || text.contains(&format!(" {library}::"));
            assert!(!is_used || parts.contains(&part), "{}: uses {library}", file.display());
        }
    }
}
