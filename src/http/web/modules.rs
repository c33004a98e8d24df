//! Which modules a page begins with: those that its first ones import, and what these import.
//!
//! A browser finds a module only when it has read the one that imports it; told of all at once, it asks for them together.
//! What is imported later, area by area, is not among them.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::files::template;

/// Links that make a browser ask for these modules, which lie at `base`, and for all that they need.
pub(super) fn preloads(base: &str, first: &[&str]) -> String {
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = first.iter().map(|path| (*path).to_owned()).collect();
    while let Some(path) = open.pop() {
        if !found.contains(&path) {
            open.extend(imports(&path, &template(&path)));
            found.insert(path);
        }
    }
    found.iter().fold(String::new(), |mut links, path| {
        let _ = writeln!(links, "<link rel=\"modulepreload\" href=\"{base}/{path}\">");
        links
    })
}

/// What a module of ours imports: statements stand at the beginning of a line, and end with a path in quotes.
fn imports(path: &str, module: &str) -> Vec<String> {
    let begins =
        |line: &&str| ["import ", "} from ", "export {", "export *"].iter().any(|start| line.starts_with(start));
    let quoted = |line: &str| line.strip_suffix("';")?.rsplit_once('\'').map(|(_, name)| resolve(path, name));
    module.lines().filter(begins).filter_map(quoted).collect()
}

/// The path that this name means in the module at `path`.
fn resolve(path: &str, name: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_where_they_are() {
        let module = "import { a } from './a.js';\nimport {\n  b,\n} from '../lib/b.js';\nconst text = 'import';\nimport('./late.js');";
        assert_eq!(imports("views/x.js", module), ["views/a.js", "lib/b.js"]);
    }

    #[test]
    fn every_module_that_is_needed_at_once_is_there() {
        for path in super::super::files::paths(".js") {
            for import in imports(&path, &template(&path)) {
                assert!(!template(&import).is_empty(), "{path} imports {import}, which there is not");
            }
        }
    }
}
