//! `docs/glossary.md` has every public type of `src/domain`, by its own term or by the one that `domain_types.txt` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use syn::{Ident, Item, Visibility};

use super::{root, sources};

/// The terms of the glossary: the first cells of its tables.
fn terms() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    cells.flat_map(|cell| cell.split(", ")).map(|term| term.trim().to_lowercase()).collect()
}

/// The public structs and enums of `src/domain`; its ids are made by a macro and are the ids of what is there.
fn types() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |name: &Ident, visibility: &Visibility| {
        if !matches!(visibility, Visibility::Inherited) {
            found.insert(name.to_string());
        }
    };
    for file in sources(&root().join("src/domain")) {
        for item in syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap().items {
            match item {
                Item::Struct(item) => add(&item.ident, &item.vis),
                Item::Enum(item) => add(&item.ident, &item.vis),
                _ => {}
            }
        }
    }
    found
}

/// `MessageKind` is `message kind`.
fn term(name: &str) -> String {
    let mut term = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            term.push(' ');
        }
        term.push(c.to_ascii_lowercase());
    }
    term
}

#[test]
fn every_domain_type_is_in_the_glossary() {
    let terms = terms();
    assert!(terms.len() > 50, "only {} terms found: has the form of the glossary changed?", terms.len());
    let list = include_str!("domain_types.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut listed: BTreeMap<&str, &str> =
        list.map(|line| line.split_once(" → ").expect("a type and its term")).collect();
    let mut wrong = Vec::new();
    for name in types() {
        let own = term(&name);
        match listed.remove(name.as_str()) {
            None if terms.contains(&own) => {}
            None => wrong.push(format!("{name}: `{own}` is not in the glossary")),
            Some(_) if terms.contains(&own) => {
                wrong.push(format!("{name}: is in the glossary and needs no line in the list"))
            }
            Some(term) if terms.contains(term) => {}
            Some(term) => wrong.push(format!("{name}: `{term}` is not in the glossary")),
        }
    }
    wrong.extend(listed.keys().map(|name| format!("{name}: is listed and is no domain type")));
    assert!(wrong.is_empty(), "docs/glossary.md and tests/suite/architecture/domain_types.txt: {wrong:#?}");
}
