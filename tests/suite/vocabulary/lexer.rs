//! Splits source text into names, comments and strings, for every language of this repository.

/// What a piece of a source file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Name,
    Comment,
    /// A string literal of a log line or an error text.
    Message,
}

/// A piece of source and the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    pub kind: Kind,
    pub line: usize,
    pub text: &'a str,
}

/// What distinguishes the languages, as far as comments and strings go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    C,
    Script,
    Css,
    Python,
    Shell,
    /// Prose is all comment, but for code blocks and code spans.
    Markdown,
}

impl Language {
    /// By the path of a file; `None` for files that are not looked at.
    pub fn of(path: &str) -> Option<Self> {
        if path.starts_with(".ci/") || path == "justfile" {
            return Some(Self::Shell);
        }
        match path.rsplit('.').next().unwrap_or_default() {
            "rs" => Some(Self::Rust),
            "c" => Some(Self::C),
            "js" | "mjs" | "ts" => Some(Self::Script),
            "css" => Some(Self::Css),
            "py" => Some(Self::Python),
            "sh" | "toml" => Some(Self::Shell),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }

    fn line_comment(self) -> &'static str {
        match self {
            Self::Python | Self::Shell => "#",
            Self::Css | Self::Markdown => "\0",
            Self::Rust | Self::C | Self::Script => "//",
        }
    }

    fn quotes(self) -> &'static [char] {
        match self {
            Self::Script => &['"', '\'', '`'],
            Self::Css | Self::Python | Self::Shell | Self::C => &['"', '\''],
            Self::Rust => &['"'],
            Self::Markdown => &[],
        }
    }
}

/// The names and comments of `source`, and those of its strings that are messages.
pub fn pieces(language: Language, source: &str) -> Vec<Piece<'_>> {
    if language == Language::Markdown {
        return prose(source);
    }
    let mut lexer = Lexer { language, source, at: 0, found: Vec::new(), before: Before::default() };
    while lexer.at < source.len() {
        lexer.step();
    }
    let mut line = 1;
    let mut from = 0;
    let found = lexer.found.into_iter().map(|(kind, start, end)| {
        line += source[from..start].matches('\n').count();
        from = start;
        Piece { kind, line, text: &source[start..end] }
    });
    found.collect()
}

/// What stood before the present place and decides what a quote or slash means.
#[derive(Default)]
struct Before {
    /// The next string is the text of a log line or an error.
    is_message: bool,
    /// The last visible character.
    last: char,
    /// The last name.
    name: String,
}

struct Lexer<'a> {
    language: Language,
    source: &'a str,
    at: usize,
    found: Vec<(Kind, usize, usize)>,
    before: Before,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let rest = &self.source[self.at..];
        let first = rest.chars().next().unwrap_or_default();
        let quotes = self.language.quotes();
        if rest.starts_with(self.language.line_comment()) {
            self.take(Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") && !matches!(self.language, Language::Python | Language::Shell) {
            self.take(Kind::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2));
        } else if let Some(length) = self.raw_string(rest) {
            self.string(length);
        } else if self.language == Language::Python && (rest.starts_with("\"\"\"") || rest.starts_with("'''")) {
            let end = rest[3..].find(&rest[..3]).map_or(rest.len(), |end| end + 6);
            self.take(Kind::Comment, end);
        } else if quotes.contains(&first) {
            self.string(quoted(rest, first, first != '`'));
        } else if first == '\'' && self.language == Language::Rust {
            self.at += character(rest);
        } else if first == '/' && self.language == Language::Script && self.before.is_operand_expected() {
            self.string(quoted(rest, '/', true));
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.before.word(&rest[..end]);
            self.take(Kind::Name, end);
        } else {
            self.before.sign(first);
            self.at += first.len_utf8();
        }
    }

    fn take(&mut self, kind: Kind, length: usize) {
        self.found.push((kind, self.at, self.at + length));
        self.at += length;
    }

    fn string(&mut self, length: usize) {
        if std::mem::take(&mut self.before.is_message) {
            self.take(Kind::Message, length);
        } else {
            self.at += length;
        }
        self.before.sign('"');
    }

    /// The length of a raw string of Rust that begins here.
    fn raw_string(&self, rest: &str) -> Option<usize> {
        if self.language != Language::Rust {
            return None;
        }
        let after = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
        let hashes = after.len() - after.trim_start_matches('#').len();
        let text = after[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        Some(rest.len() - text.len() + text.find(&end).map_or(text.len(), |at| at + end.len()))
    }
}

impl Before {
    fn word(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.last = 'a';
        self.is_message = false;
    }

    fn sign(&mut self, sign: char) {
        if sign.is_whitespace() {
            return;
        }
        let is_macro = self.last == '!' && matches!(self.name.as_str(), "error" | "warn" | "info" | "debug" | "bail");
        let is_error = self.last == 'a' && self.name == "error";
        // `log::warn!(target: "x", "…")` has the message behind its first string; it is not looked at.
        self.is_message = sign == '(' && (is_macro || is_error);
        self.last = sign;
    }

    /// True where a slash begins a regular expression of JavaScript: no value stands before it.
    fn is_operand_expected(&self) -> bool {
        match self.last {
            'a' => matches!(self.name.as_str(), "return" | "case" | "typeof"),
            last => !matches!(last, ')' | ']' | '}' | '"' | '0'..='9'),
        }
    }
}

/// The length of a quoted string with backslash escapes; it ends with its line where `is_line`.
fn quoted(rest: &str, quote: char, is_line: bool) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\n' if is_line && quote != '"' => return at,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal of Rust, or of the quote of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    let first = chars.next();
    match (first, chars.next()) {
        (Some((_, '\\')), _) => rest[3..].find('\'').map_or(1, |end| end + 4),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// The lines of Markdown outside of code blocks, without code spans and link targets.
fn prose(source: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (at, line) in source.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            for text in line.split('`').step_by(2).flat_map(|text| text.split("](").enumerate()) {
                let text = if text.0 == 0 { text.1 } else { text.1.split_once(')').map_or("", |(_, rest)| rest) };
                found.push(Piece { kind: Kind::Comment, line: at + 1, text });
            }
        }
    }
    found
}

#[test]
fn names_comments_and_messages_are_distinguished() {
    let show = |language, source| {
        let pieces = pieces(language, source).into_iter();
        pieces.map(|piece| format!("{}{:?} {}", piece.line, piece.kind, piece.text)).collect::<Vec<_>>()
    };
    assert_eq!(
        show(Language::Rust, "// a b\nlet c = \"d // e\"; 'f'; '\\''; r#\"g\"h\"#; /* i */\nwarn!(\"j\"); x<'k>()"),
        [
            "1Comment // a b",
            "2Name let",
            "2Name c",
            "2Comment /* i */",
            "3Name warn",
            "3Message \"j\"",
            "3Name x",
            "3Name k"
        ]
    );
    assert_eq!(show(Language::Script, "a = /'b/; c / d; `e\n${f}`; g"), ["1Name a", "1Name c", "1Name d", "2Name g"]);
    assert_eq!(
        show(Language::Python, "a = 'b'  # c\n\"\"\"d\"\"\""),
        ["1Name a", "1Comment # c", "2Comment \"\"\"d\"\"\""]
    );
    assert_eq!(
        show(Language::Markdown, "a `b` [c](d) e\n```\nf\n```\ng"),
        ["1Comment a ", "1Comment  [c", "1Comment  e", "5Comment g"]
    );
}
