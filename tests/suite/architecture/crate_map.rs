//! The crate as its source files import each other, re-exports followed to the file that defines what is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use syn::visit::Visit;
use syn::{Attribute, Item, UseTree, Visibility};

use super::{root, sources};

/// The path of a module: `["gateway", "hub"]`.
pub type Module = Vec<String>;

/// The parts of a path, as written: `["super", "link", "Link"]`.
type Parts = Vec<String>;

/// What a source file exports and uses, outside of its tests.
#[derive(Default)]
pub struct Source {
    exports: BTreeMap<String, Parts>,
    uses: Vec<Parts>,
}

/// All files of the crate by their module, test modules aside.
pub struct Crate(pub BTreeMap<Module, Source>);

impl Crate {
    /// The crate in `src`.
    pub fn read() -> Self {
        let src = &root().join("src");
        let files = sources(src);
        let mut modules = BTreeMap::new();
        for file in files {
            let inside = file.strip_prefix(src).unwrap().with_extension("");
            let mut module: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            module.pop_if(|last| matches!(last.as_str(), "mod" | "lib"));
            if module == ["main"] || module.iter().any(|part| part == "tests") {
                continue;
            }
            modules.insert(module, Source::parse(&fs::read_to_string(&file).unwrap()));
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
    pub fn uses(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let of = |(module, source): (&Module, &Source)| {
            let used = source.uses.iter().filter_map(|path| self.definer(module, path));
            let others = used.filter(|used| !used.starts_with(module) && !module.starts_with(used));
            (module.clone(), others.collect())
        };
        self.0.iter().map(of).collect()
    }
}

impl Source {
    pub fn parse(text: &str) -> Self {
        let mut source = Self::default();
        source.visit_file(&syn::parse_file(text).unwrap());
        source
    }

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
