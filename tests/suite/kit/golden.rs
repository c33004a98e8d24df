//! Recordings as files: read, compared, and written anew where a change is wanted.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use super::database::Store;

/// How a change is accepted.
const ACCEPT: &str = "PARLOR_TEST_ACCEPT=1 cargo test --test suite recordings";
/// Unchanged lines that are shown around a change, and letters around one within a line.
const CONTEXT: usize = 2;
const AROUND: usize = 60;

/// Where the recordings are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/recordings/golden")
}

/// The lines of a recording; none where there is no such file.
pub fn read(name: &str) -> Vec<String> {
    let text = fs::read_to_string(folder().join(name).with_extension("txt")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Fails with the differences where these lines are not those of the recording, or writes it anew where that is asked for.
#[track_caller]
pub fn compare(name: &str, lines: &[String]) {
    let recorded = read(name);
    if recorded == lines || (Store::under_test() == Store::Postgres && in_order(&recorded) == in_order(lines)) {
        return;
    }
    if accepts() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(folder().join(name).with_extension("txt"), lines.join("\n") + "\n").unwrap();
        return;
    }
    panic!(
        "`{name}` is not as recorded (-: recorded, +: now):\n{}\nIf that is wanted: {ACCEPT}",
        diff(&recorded, lines)
    );
}

/// The lines with the ids of messages numbered in their order: on PostgreSQL some are left out.
fn in_order(lines: &[String]) -> Vec<String> {
    const FIELD: &str = "\"message_id\":";
    let number = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().to_owned();
    let found = lines.iter().flat_map(|line| line.split(FIELD).skip(1).map(number));
    let mut ids: Vec<u64> = found.filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    let renumbered = |line: &String| {
        let mut pieces = line.split(FIELD);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let id = number(piece);
            let place = id.parse().ok().and_then(|id: u64| ids.binary_search(&id).ok());
            out += FIELD;
            out += &place.map_or_else(|| id.clone(), |place| format!("#{place}"));
            out += &piece[id.len()..];
        }
        out
    };
    lines.iter().map(renumbered).collect()
}

/// True where recordings that differ are written anew.
pub fn accepts() -> bool {
    is_accepted("PARLOR_TEST_ACCEPT")
}

/// True where this setting allows a test to write its expectation anew.
pub fn is_accepted(setting: &str) -> bool {
    // The rule against reading the environment is for the server; these settings are the tests' own.
    #[allow(clippy::disallowed_methods)]
    let value = |name: &str| std::env::var(name).ok();
    decides(value(setting).as_deref(), value("CI").as_deref())
}

/// In CI a difference is always a failure.
fn decides(setting: Option<&str>, ci: Option<&str>) -> bool {
    setting == Some("1") && !matches!(ci, Some("true" | "1"))
}

/// The lines that differ, with a few around them; of long lines only the part that differs.
fn diff(old: &[String], new: &[String]) -> String {
    let steps = steps(old, new);
    let is_near = |at: usize| {
        let around = at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(steps.len());
        steps[around].iter().any(|step| !matches!(step, Step::Same(_)))
    };
    let mut text = String::new();
    let mut skipped = false;
    for (at, step) in steps.iter().enumerate() {
        if !is_near(at) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            text.push_str("  ⋮\n");
        }
        let (mark, line, other) = match step {
            Step::Same(line) => (' ', line, None),
            Step::Old(line) => ('-', line, twin(&steps, at)),
            Step::New(line) => ('+', line, twin(&steps, at)),
        };
        let _ = writeln!(text, "{mark} {}", other.map_or_else(|| shortened(line), |other| changed(line, other)));
    }
    text
}

enum Step<'a> {
    Same(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// The way from the old lines to the new ones with the fewest changes.
fn steps<'a>(old: &'a [String], new: &'a [String]) -> Vec<Step<'a>> {
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (row, before) in old.iter().enumerate().rev() {
        for (column, after) in new.iter().enumerate().rev() {
            common[row][column] = if before == after {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column, mut steps) = (0, 0, Vec::new());
    while row < old.len() || column < new.len() {
        if row < old.len() && column < new.len() && old[row] == new[column] {
            steps.push(Step::Same(&old[row]));
            (row, column) = (row + 1, column + 1);
        } else if column == new.len() || (row < old.len() && common[row + 1][column] >= common[row][column + 1]) {
            steps.push(Step::Old(&old[row]));
            row += 1;
        } else {
            steps.push(Step::New(&new[column]));
            column += 1;
        }
    }
    steps
}

/// The line that stands in the place of a changed one, where exactly one stands for exactly one.
fn twin<'a>(steps: &[Step<'a>], at: usize) -> Option<&'a str> {
    let is_old = |at: usize| matches!(steps.get(at), Some(Step::Old(_)));
    let is_new = |at: usize| matches!(steps.get(at), Some(Step::New(_)));
    let old = if is_old(at) { at } else { at.checked_sub(1)? };
    let is_alone = is_old(old) && is_new(old + 1) && !is_new(old + 2) && !old.checked_sub(1).is_some_and(is_old);
    match steps.get(if at == old { old + 1 } else { old }) {
        Some(Step::Old(line) | Step::New(line)) if is_alone => Some(line),
        _ => None,
    }
}

/// A line without what it shares with the other far from the change.
fn changed(line: &str, other: &str) -> String {
    let (letters, others): (Vec<char>, Vec<char>) = (line.chars().collect(), other.chars().collect());
    let same = letters.iter().zip(&others).take_while(|(one, two)| one == two).count();
    let most = letters.len().min(others.len()) - same;
    let tail = letters.iter().rev().zip(others.iter().rev()).take(most).take_while(|(one, two)| one == two).count();
    let (from, to) = (same.saturating_sub(AROUND), (letters.len() - tail + AROUND).min(letters.len()));
    let middle: String = letters[from..to].iter().collect();
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{middle}{}", dots(from > 0), dots(to < letters.len()))
}

fn shortened(line: &str) -> String {
    let most = AROUND * 4;
    let start: String = line.chars().take(most).collect();
    if start.len() < line.len() { start + "…" } else { start }
}

#[test]
fn a_difference_shows_the_part_of_a_line_that_differs() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let long = "x".repeat(200);
    let old = lines(&format!("a\nb\nc\nd\n{long}1{long}\ne\nf"));
    let new = lines(&format!("a\nb\nc\nd\n{long}2{long}\ne\nf\ng"));
    let side = "x".repeat(AROUND);
    let wanted = format!("  ⋮\n  c\n  d\n- …{side}1{side}…\n+ …{side}2{side}…\n  e\n  f\n+ g\n");
    assert_eq!(diff(&old, &new), wanted);
    assert_eq!(diff(&old, &old), "");
}

#[test]
fn ci_never_accepts_a_difference() {
    assert!(decides(Some("1"), None));
    assert!(decides(Some("1"), Some("false")));
    for (setting, ci) in [(Some("1"), "true"), (Some("1"), "1"), (None, "true"), (Some("0"), "true")] {
        assert!(!decides(setting, Some(ci)), "{setting:?} with CI={ci}");
    }
    assert!(!decides(None, None));
}
