//! The retired words and their exceptions, as `retired.txt` lists them.

use std::collections::BTreeMap;

/// Words that are refused, with what to write instead.
pub struct List {
    retired: BTreeMap<&'static str, &'static str>,
    exceptions: Vec<Exception>,
}

struct Exception {
    /// `*` for everywhere.
    below: &'static str,
    /// A whole identifier, a word, or `*` for any.
    name: &'static str,
}

impl List {
    /// Reads the list; every line of it must give a reason.
    pub fn read(text: &'static str) -> Self {
        let mut list = Self { retired: BTreeMap::new(), exceptions: Vec::new() };
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (rule, reason) = line.rsplit_once(" : ").unwrap_or_else(|| panic!("no reason: {line}"));
            assert!(!reason.trim().is_empty(), "no reason: {line}");
            if let Some(exception) = rule.strip_prefix("exception ") {
                let (below, name) = exception.split_once(' ').unwrap_or_else(|| panic!("no name: {line}"));
                list.exceptions.push(Exception { below, name });
            } else {
                let (words, better) = rule.split_once(" → ").unwrap_or_else(|| panic!("no replacement: {line}"));
                for word in words.split(", ") {
                    assert_eq!(list.retired.insert(word, better), None, "listed twice: {word}");
                }
            }
        }
        list
    }

    /// The retired words of a text, each with its replacement. Exceptions may name a whole identifier or one word.
    pub fn refused<'a>(&'a self, path: &'a str, text: &'a str) -> impl Iterator<Item = (String, &'static str)> + 'a {
        let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
        names.flat_map(move |name| {
            let found = split(name).into_iter().filter_map(|word| Some((self.retired.get(word.as_str())?, word)));
            found.filter_map(move |(better, word)| (!self.excepts(path, name, &word)).then_some((word, *better)))
        })
    }

    fn excepts(&self, path: &str, name: &str, word: &str) -> bool {
        self.exceptions.iter().any(|exception| {
            (exception.below == "*" || path.starts_with(exception.below)) && ["*", name, word].contains(&exception.name)
        })
    }
}

/// The lowercase words of a name: `isTold_again` is `is`, `told`, `again`.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphabetic(), words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase();
    }
    words
}

#[test]
fn a_name_is_refused_for_any_word_in_it() {
    let list = List::read("told, tells → sent : why\nexception a/ is_told : why\nexception b/x.rs told : why");
    let words = |path, text| list.refused(path, text).map(|(word, _)| word).collect::<Vec<_>>();
    assert_eq!(words("c.rs", "untold is_told, toldYou x-tells TellsAll"), ["told", "told", "tells", "tells"]);
    assert_eq!(words("a/c.rs", "is_told told"), ["told"]);
    assert!(words("b/x.rs", "is_told told").is_empty());
}
