//! No import circle of files: a file uses what lies below it, its own ancestors and children aside.
//!
//! Reads the paths of every source file, follows re-exports to the file that defines what is used, and looks for files that
//! use each other, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::Visit;
use syn::{Attribute, Item, UseTree, Visibility};

use crate::house::sources;

/// The path of a module: `["gateway", "hub"]`.
type Module = Vec<String>;

/// The parts of a path, as written: `["super", "link", "Link"]`.
type Parts = Vec<String>;

/// What a source file exports and uses, outside of its tests.
#[derive(Default)]
struct Source {
    exports: BTreeMap<String, Parts>,
    uses: Vec<Parts>,
}

/// All files of the crate by their module, test modules aside.
struct Crate(BTreeMap<Module, Source>);

impl Crate {
    fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        sources(src, &mut files);
        let mut modules = BTreeMap::new();
        for file in files {
            let inside = file.strip_prefix(src).unwrap().with_extension("");
            let mut module: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            module.pop_if(|last| matches!(last.as_str(), "mod" | "lib"));
            if module == ["main"] || module.iter().any(|part| part == "tests") {
                continue;
            }
            let syntax = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
            let mut source = Source::default();
            source.visit_file(&syntax);
            modules.insert(module, source);
        }
        Self(modules)
    }

    /// The module that defines what `path`, written in the module `from`, names; `None` for another crate's.
    fn definer(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut at = from.clone();
        let mut rest = path;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ => break,
            }
            rest = others;
        }
        while let Some((name, others)) = rest.split_first() {
            let mut child = at.clone();
            child.push(name.clone());
            if self.0.contains_key(&child) {
                at = child;
            } else if let Some(exported) = self.0.get(&at)?.exports.get(name) {
                return self.definer(&at, &[exported, others].concat());
            } else {
                break;
            }
            rest = others;
        }
        self.0.contains_key(&at).then_some(at)
    }

    /// What each module uses, its ancestors and descendants aside.
    fn uses(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let of = |(module, source): (&Module, &Source)| {
            let used = source.uses.iter().filter_map(|path| self.definer(module, path));
            let others = used.filter(|used| !used.starts_with(module) && !module.starts_with(used));
            (module.clone(), others.collect())
        };
        self.0.iter().map(of).collect()
    }
}

impl Source {
    fn take(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(part) => self.take(&part.tree, &with(&part.ident), is_public),
            UseTree::Name(name) if name.ident == "self" => {
                self.leaf(before.last().cloned().unwrap_or_default(), before.to_vec(), is_public);
            }
            UseTree::Name(name) => self.leaf(name.ident.to_string(), with(&name.ident), is_public),
            UseTree::Rename(name) => self.leaf(name.rename.to_string(), with(&name.ident), is_public),
            UseTree::Glob(_) => self.leaf("*".to_owned(), before.to_vec(), false),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.take(item, before, is_public)),
        }
    }

    fn leaf(&mut self, name: String, path: Parts, is_public: bool) {
        if is_public {
            self.exports.insert(name, path);
        } else if is_own(&path) {
            self.uses.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        match item {
            _ if attributes.iter().any(is_test) => {}
            Item::Use(item) => self.take(&item.tree, &[], !matches!(item.vis, Visibility::Inherited)),
            other => syn::visit::visit_item(self, other),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Parts = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if is_own(&parts) {
            self.uses.push(parts);
        }
        syn::visit::visit_path(self, path);
    }
}

/// True for a path into this crate.
fn is_own(path: &[String]) -> bool {
    path.len() > 1 && matches!(path[0].as_str(), "crate" | "self" | "super")
}

fn is_test(attribute: &Attribute) -> bool {
    let is_it = |list: &syn::MetaList| list.path.is_ident("cfg") && list.tokens.to_string() == "test";
    attribute.meta.require_list().is_ok_and(is_it)
}

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
    let all = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let uses = all.uses();
    let count: usize = uses.values().map(BTreeSet::len).sum();
    assert!(count > 1_000, "only {count} uses found: has the way of writing them changed?");
    let found = circles(&uses);
    assert!(found.is_empty(), "these files use each other in a circle: {found:#?}");
}

#[test]
fn a_circle_by_way_of_a_re_export_is_found() {
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let source = |text: &str| {
        let mut source = Source::default();
        source.visit_file(&syn::parse_file(text).unwrap());
        source
    };
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
