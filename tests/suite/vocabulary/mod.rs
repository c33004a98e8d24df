//! One language: names, comments, log lines and documentation use the field's words. `retired.txt` lists the others.
//!
//! Folders that still have some are listed in `remaining.txt` with their number, which may not grow. Where it has shrunk, the
//! list is to be written anew, so that it does not grow again.

mod lexer;
mod list;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::kit::golden;

use lexer::{Kind, Language};
use list::List;

const UPDATE: &str = "PARLOR_UPDATE_VOCABULARY=1 cargo test --test suite vocabulary";

/// Where code and documentation are.
const PLACES: &[&str] = &[
    "src",
    "load",
    "tests",
    "examples",
    "docs",
    ".ci",
    "justfile",
    "build.rs",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

/// One retired word: where, which, and the folder that is counted.
struct Hit {
    folder: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a path, installed packages and recordings aside: recordings hold what is on the wire.
fn files(path: PathBuf, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path);
    } else if !path.ends_with("node_modules") && !path.ends_with("golden") && !path.ends_with("target") {
        let mut inside: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        inside.sort();
        inside.into_iter().for_each(|path| files(path, found));
    }
}

/// What is counted together: the first two parts of a path, or a file at the root.
fn folder(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let depth = parts.len().saturating_sub(1).clamp(1, 2);
    parts[..depth].join("/")
}

fn look(list: &List, path: &str, source: &str, hits: &mut Vec<Hit>) {
    let mut add = |place: String, text: &str| {
        for (word, better) in list.refused(path, text) {
            hits.push(Hit { folder: folder(path), text: format!("{place}: `{word}`: write {better}") });
        }
    };
    // A folder's name is counted at its `mod.rs` and at its pages, not at each of its files.
    let name = path.strip_suffix("/mod.rs").unwrap_or(path).rsplit('/').next().unwrap_or_default();
    add(format!("{path} (its name)"), name);
    let Some(language) = Language::of(path) else {
        return;
    };
    for piece in lexer::pieces(language, source) {
        for (at, line) in piece.text.lines().enumerate() {
            let what = if piece.kind == Kind::Message { " (a message)" } else { "" };
            add(format!("{path}:{}{what}", piece.line + at), line);
        }
    }
}

/// All retired words of the repository.
fn hits() -> Vec<Hit> {
    let list = List::read(include_str!("retired.txt"));
    let mut found = Vec::new();
    PLACES.iter().for_each(|place| files(root().join(place), &mut found));
    assert!(found.len() > 500, "only {} files found: have they moved?", found.len());
    let mut hits = Vec::new();
    for file in found {
        let path = file.strip_prefix(root()).unwrap().to_str().unwrap();
        look(&list, path, &fs::read_to_string(&file).unwrap_or_default(), &mut hits);
    }
    hits
}

#[test]
fn retired_words_become_fewer() {
    let list = root().join("tests/suite/vocabulary/remaining.txt");
    let remaining: BTreeMap<String, usize> = fs::read_to_string(&list)
        .unwrap_or_default()
        .lines()
        .map(|line| line.split_once(' ').expect("a number and a folder"))
        .map(|(count, folder)| (folder.to_owned(), count.parse().expect("a number")))
        .collect();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for hit in hits() {
        found.entry(hit.folder).or_default().push(hit.text);
    }
    let counts: BTreeMap<String, usize> = found.iter().map(|(folder, hits)| (folder.clone(), hits.len())).collect();
    if counts == remaining {
        return;
    }
    if golden::is_accepted("PARLOR_UPDATE_VOCABULARY") {
        let lines: Vec<String> = counts.iter().map(|(folder, count)| format!("{count} {folder}\n")).collect();
        fs::write(list, lines.concat()).unwrap();
        return;
    }
    let mut report = String::new();
    for (folder, hits) in &found {
        let allowed = remaining.get(folder).copied().unwrap_or_default();
        if hits.len() > allowed {
            let _ = writeln!(report, "{folder} has {} retired words, {allowed} are left to it:", hits.len());
            hits.iter().for_each(|hit| report.extend(["  ", hit, "\n"]));
        }
    }
    assert!(report.is_empty(), "{report}");
    panic!("there are fewer retired words than `remaining.txt` lists, well done: write it anew with\n{UPDATE}");
}

#[test]
fn a_retired_word_is_reported_with_its_place() {
    let list = List::read("told → sent : why\nhouse → crate : why");
    let mut hits = Vec::new();
    look(&list, "src/house/mod.rs", "//! One.\nfn is_told() { \"told\" }\n/* a\ntold */", &mut hits);
    look(&list, "docs/house.md", "told `told`\n```\ntold\n```\n", &mut hits);
    let lines: Vec<String> = hits.iter().map(|hit| format!("{} {}", hit.folder, hit.text)).collect();
    assert_eq!(
        lines,
        [
            "src/house src/house/mod.rs (its name): `house`: write crate",
            "src/house src/house/mod.rs:2: `told`: write sent",
            "src/house src/house/mod.rs:4: `told`: write sent",
            "docs docs/house.md (its name): `house`: write crate",
            "docs docs/house.md:1: `told`: write sent",
        ]
    );
}
