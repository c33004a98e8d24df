//! The walls of the house: a floor uses the floors below it and none above, and parts of one floor do not know each other.
//! Reads the `crate::` paths of every source file and compares them with the picture in `ARCHITECTURE.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Every part, from the ground up. What stands in one line is one floor.
const FLOORS: &[&[&str]] = &[
    &["domain", "metrics", "security_log"],
    &["websocket"],
    &["socketio"],
    &["rate_limit"],
    &["config"],
    &["store", "protocol"],
    &["service"],
    &["chat"],
    &["edge"],
    &["http", "gateway"],
    &["server", "cli"],
];

fn floor(part: &str) -> usize {
    FLOORS.iter().position(|parts| parts.contains(&part)).unwrap_or_else(|| panic!("{part} has no floor: add it"))
}

pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_part_knows_what_stands_above_or_beside_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut looked_at = 0;
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let part = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(part, "main" | "lib") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for path in text.split("crate::").skip(1) {
            let other: String = path.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            // `crate::{a, b}` would hide what is used.
            assert!(!other.is_empty(), "{}: say `crate::part::…`", file.display());
            looked_at += 1;
            assert!(
                other == part || floor(&other) < floor(part),
                "{}: {part} (floor {}) uses {other} (floor {})",
                file.display(),
                floor(part),
                floor(&other)
            );
        }
    }
    assert!(looked_at > 50, "only {looked_at} uses found: has the way of writing them changed?");
}

#[test]
fn every_file_says_what_lives_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "examples", "load"] {
        sources(&root.join(folder), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with `//!`", file.display());
    }
}
