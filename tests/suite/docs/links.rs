//! Relative links and pictures, to files and to headings.

use std::collections::HashMap;
use std::fs;

use super::{blocks, pages, root};

/// The targets of the links in a line; inline code is left out.
fn targets(line: &str) -> Vec<&str> {
    let text: Vec<&str> = line.split('`').step_by(2).collect();
    // A link around inline code is cut in two: its end is in the next piece.
    let ends = text.iter().flat_map(|piece| piece.split("](").skip(1));
    ends.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)).collect()
}

/// The anchor that a heading has on GitHub.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The anchors of a page; the second heading of a name has a number.
fn anchors(markdown: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut anchors = Vec::new();
    for line in blocks::prose(markdown) {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let anchor = anchor(heading);
        let count = seen.entry(anchor.clone()).or_default();
        anchors.push(if *count == 0 { anchor } else { format!("{anchor}-{count}") });
        *count += 1;
    }
    anchors
}

#[test]
fn every_relative_link_resolves() {
    let mut count = 0;
    for page in pages() {
        let path = root().join(&page.name);
        for target in blocks::prose(&page.text).into_iter().flat_map(targets) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(file.exists(), "{}: {target} leads nowhere", page.name);
            if !fragment.is_empty() {
                let known = anchors(&fs::read_to_string(&file).unwrap());
                assert!(known.iter().any(|one| one == fragment), "{}: no heading {target} in {known:?}", page.name);
            }
        }
    }
    assert!(count > 100, "only {count} links found: has the way of writing them changed?");
}

#[test]
fn headings_have_the_anchors_that_the_web_gives_them() {
    let page = "# One, two\n```sh\n# none\n```\n## `a` and socket.io-client\n## One, two\ntext # no\n#none\n";
    assert_eq!(anchors(page), ["one-two", "a-and-socketio-client", "one-two-1"]);
    assert_eq!(targets("[a](b.md#c), `[no](x)` and ![d](e.png) [`f`](g)"), ["b.md#c", "e.png", "g"]);
}
