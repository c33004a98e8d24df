//! The client's modules as one script and its styles as one sheet: fewer requests, and both compress better than their parts. Each
//! module becomes a function that runs once, after those it imports, and returns what it exports:
//! `const lib_dom = (() => { … return { h, patch }; })();`. That needs no parser as long as imports and exports begin a line
//! and name what they import and export; the tests below check it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::files::{paths, template};

/// Colours and elements come first, since the other styles build on them; what changes all of them comes last.
const FIRST_STYLES: [&str; 3] = ["style/tokens.css", "style/base.css", "style/layout.css"];
const LAST_STYLE: &str = "style/forced-colors.css";

/// The module at `path` and everything it needs.
pub(super) fn script(path: &str) -> String {
    let mut script = String::new();
    add(path, &mut script, &mut BTreeSet::new());
    script
}

/// All of `style/`, each sheet once.
pub(super) fn styles() -> String {
    let others = paths(".css");
    let is_other = |path: &&str| path.starts_with("style/") && !FIRST_STYLES.contains(path) && *path != LAST_STYLE;
    let others = others.iter().map(AsRef::as_ref).filter(is_other);
    FIRST_STYLES.into_iter().chain(others).chain([LAST_STYLE]).map(|path| condensed(&template(path))).collect()
}

/// The code without comments, indentation and empty lines, which are a third of it.
pub(super) fn condensed(code: &str) -> String {
    let mut in_comment = false;
    let mut condensed = String::with_capacity(code.len());
    for line in code.lines().map(str::trim).filter(|line| !line.is_empty()) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.starts_with("//") {
            condensed.push_str(line);
            condensed.push('\n');
        }
        // Only comments on lines of their own: one behind code is kept.
        in_comment &= !line.ends_with("*/");
    }
    condensed
}

fn add(path: &str, script: &mut String, added: &mut BTreeSet<String>) {
    if !added.insert(path.to_owned()) {
        return;
    }
    let module = condensed(&template(path));
    let (mut body, mut exports) = (String::new(), Vec::new());
    for line in module.lines() {
        let declaration = line.strip_prefix("export ");
        if let Some((names, imported)) = import(path, line) {
            add(&imported, script, added);
            let _ = write!(body, "const {} = {};", names.replace(" as ", ": "), variable(&imported));
        } else {
            exports.extend(declaration.and_then(declared));
            body.push_str(declaration.unwrap_or(line));
        }
        body.push('\n');
    }
    let (variable, exports) = (variable(path), exports.join(", "));
    let _ = writeln!(script, "const {variable} = (() => {{\n{body}return {{ {exports} }};\n}})();");
}

/// The names in braces and the path of `import { … } from '…';`.
fn import<'a>(path: &str, line: &'a str) -> Option<(&'a str, String)> {
    let (names, from) = line.strip_prefix("import ")?.strip_suffix("';")?.split_once(" from '")?;
    Some((names, resolve(path, from)))
}

/// The name that a declaration gives to a function, class or constant.
fn declared(declaration: &str) -> Option<&str> {
    let mut words = declaration.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.find(|word| !["async", "function", "class", "const"].contains(word))
}

fn variable(path: &str) -> String {
    path.trim_end_matches(".js").replace(['/', '-'], "_")
}

/// The path that `name` means in the module at `path`.
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

    fn is_code(path: &str) -> bool {
        path.ends_with(".js") || path.ends_with(".css")
    }

    #[test]
    fn comments_and_indentation_are_left_out() {
        let code = "// a\nlet b; // c\n\n  /** d\n   * e */\n  f('//');\n/* g */\nh";
        assert_eq!(condensed(code), "let b; // c\nf('//');\nh\n");
    }

    /// A text over several lines could hold what looks like a comment or lose its indentation.
    #[test]
    fn the_clients_code_has_no_texts_over_several_lines_and_no_code_behind_comments() {
        for path in paths("").iter().filter(|path| is_code(path)) {
            for line in template(path).lines() {
                let (begins, ticks) = (line.trim(), line.replace("'`'", "").matches('`').count());
                assert_eq!(ticks % 2, 0, "{path}: a text over several lines: {line}");
                let closed = !begins.starts_with("/*") || begins.find("*/").is_none_or(|at| at + 2 == begins.len());
                assert!(closed, "{path}: code behind a comment: {line}");
            }
        }
    }

    #[test]
    fn imports_and_exports_are_recognised() {
        let line = "import { a, b as c } from '../lib/b.js';";
        assert_eq!(import("views/x.js", line), Some(("{ a, b as c }", "lib/b.js".to_owned())));
        assert_eq!(import("views/x.js", "const text = 'import';"), None);
        for declaration in ["async function it(a) {", "function it() {", "class it {", "const it = 1;"] {
            assert_eq!(declared(declaration), Some("it"));
        }
    }

    #[test]
    fn every_module_is_in_the_script_once_and_after_those_it_imports() {
        let script = script("main.js");
        for path in paths(".js").iter().filter(|path| *path != "fallback.js") {
            let begins = format!("const {} = (() => {{\n", variable(path));
            assert_eq!(script.matches(&begins).count(), 1, "{path}");
            let at = script.find(&begins).unwrap();
            for line in template(path).lines() {
                let Some((names, imported)) = import(path, line) else {
                    assert!(!line.starts_with("import"), "{path}: {line}");
                    continue;
                };
                let before = script.find(&format!("const {} = (() => {{\n", variable(&imported)));
                assert!(before.is_some_and(|before| before < at), "{path} imports {imported} in a circle");
                let exports = template(&imported);
                let exports: Vec<_> =
                    exports.lines().filter_map(|line| declared(line.strip_prefix("export ")?)).collect();
                for name in
                    names.trim_matches(['{', '}', ' ']).split(", ").map(|name| name.split(" as ").next().unwrap())
                {
                    assert!(exports.contains(&name), "{path} imports {name}, which {imported} does not export");
                }
            }
        }
    }
}
