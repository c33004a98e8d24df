//! No import circle of files: no two files use each other, directly or by way of others, their own ancestors and children aside.

use std::collections::{BTreeMap, BTreeSet};

use super::crate_map::{Crate, Module, Source};

/// All modules that `from` reaches.
fn reached<'a>(from: &'a Module, uses: &'a BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<&'a Module> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        open.extend(uses.get(module).into_iter().flatten().filter(|used| reached.insert(*used)));
    }
    reached
}

/// The sets of modules that reach each other.
fn circles(uses: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Vec<String>> {
    let all: BTreeMap<&Module, BTreeSet<&Module>> = uses.keys().map(|from| (from, reached(from, uses))).collect();
    let around = |(from, to): (&&Module, &BTreeSet<&Module>)| {
        let others = to.iter().filter(|other| all[*other].contains(*from));
        let circle: Vec<String> = others.map(|module| module.join("/")).collect();
        (!circle.is_empty()).then_some(circle)
    };
    all.iter().filter_map(around).collect()
}

#[test]
fn files_do_not_use_each_other_in_a_circle() {
    let uses = Crate::read().uses();
    let count: usize = uses.values().map(BTreeSet::len).sum();
    assert!(count > 1_000, "only {count} uses found: has the way of writing them changed?");
    let found = circles(&uses);
    assert!(found.is_empty(), "these files use each other in a circle: {found:#?}");
}

#[test]
fn a_circle_by_way_of_a_re_export_is_found() {
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let source = Source::parse;
    let all = Crate(BTreeMap::from([
        (Module::new(), source("pub mod a; pub mod b;")),
        (module("a"), source("mod one; mod two; pub use one::{One as First, other};")),
        (module("a/one"), source("use crate::b::Two; pub struct One;")),
        (module("a/two"), source("use super::one::One;")),
        (
            module("b"),
            source("pub struct Two; fn f() -> crate::a::First {}\n#[cfg(test)] mod tests { use crate::a::two; }"),
        ),
    ]));
    assert_eq!(circles(&all.uses()), BTreeSet::from([vec!["a/one".to_owned(), "b".to_owned()]]));
}
