//! Upper limits for the length of files and functions.

use std::fs;

use super::{root, sources};

/// Lines of a function at most.
const FUNCTION: usize = 60;
/// Lines of a file at most, and of half of all files.
const FILE: usize = 400;
const MEDIAN: usize = 120;

/// The functions of formatted Rust, by name and number of lines: each ends with a brace under its beginning.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let inside = line.trim_start();
        let Some((before, rest)) = inside.split_once("fn ") else { continue };
        let is_function = before
            .split_whitespace()
            .all(|word| word.starts_with("pub") || ["const", "async", "in"].contains(&word) || word.ends_with(')'));
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        if !is_function || name.is_empty() || line.ends_with(['}', ';']) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - inside.len()]);
        let length = lines[at..].iter().position(|line| *line == end).map_or(1, |length| length + 1);
        found.push((name, length));
    }
    found
}

#[test]
fn functions_have_at_most_sixty_lines() {
    let mut long = Vec::new();
    let mut count = 0;
    for file in ["src", "load/src"].iter().flat_map(|folder| sources(&root().join(folder))) {
        let text = fs::read_to_string(&file).unwrap();
        for (name, length) in functions(&text) {
            count += 1;
            if length > FUNCTION {
                long.push(format!("{} {name}", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(count > 1_500, "only {count} functions found: has the way of writing them changed?");
    assert_eq!(long, Vec::<String>::new(), "longer than {FUNCTION} lines");
}

#[test]
fn files_have_at_most_four_hundred_lines() {
    for folder in ["src", "load/src"] {
        let length = |file: &std::path::PathBuf| fs::read_to_string(file).unwrap().lines().count();
        let files = sources(&root().join(folder));
        let mut lengths: Vec<usize> = files.iter().map(length).collect();
        let long = files.iter().find(|file| length(file) > FILE);
        assert_eq!(long, None, "longer than {FILE} lines");
        lengths.sort_unstable();
        let median = lengths[lengths.len() / 2];
        assert!(median <= MEDIAN, "half of the files in {folder} are longer than {median} lines");
    }
}

#[test]
fn functions_are_measured() {
    let text = "fn one() {}\nimpl A {\n    pub(crate) async fn two(\n        a: u8,\n    ) {\n        if a {\n        }\n    }\n}\n\
                fn three() {\n}\ntrait B {\n    fn four();\n}\n";
    assert_eq!(functions(text), [("two", 6), ("three", 2)]);
}
