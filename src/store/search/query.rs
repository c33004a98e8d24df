//! Parsing a search query.

use super::characters::{Class, class};
use super::words::{Word, split};

/// A letter of Hangul, into which NFKD decomposes syllables.
const fn is_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}')
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub word: String,
    /// Matches words with this prefix.
    pub is_prefix: bool,
}

impl Term {
    pub(crate) fn matches(&self, word: &str) -> bool {
        if self.is_prefix { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// A query of at least one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query(Vec<Term>);

impl Query {
    /// Parses user input. A prefix is: the last word, a single character of a script that is otherwise split into pairs, and a
    /// Korean word, to which particles are attached. `None` for a text without words.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words = split(text, true);
        let count = words.len();
        let mut terms: Vec<Term> = Vec::with_capacity(count);
        for (number, Word { word, .. }) in words.into_iter().enumerate() {
            let mut letters = word.chars();
            let lonely = letters.next().is_some_and(|c| class(c) == Class::Dense) && letters.next().is_none();
            let is_prefix = number + 1 == count || lonely || word.chars().any(is_jamo);
            let term = Term { word, is_prefix };
            // Of a repeated word the stricter occurrence counts.
            match terms.iter_mut().find(|known| known.word == term.word) {
                Some(known) => known.is_prefix &= term.is_prefix,
                None => terms.push(term),
            }
        }
        if terms.is_empty() { None } else { Some(Self(terms)) }
    }

    pub(crate) fn words(&self) -> &[Term] {
        &self.0
    }
}

/// The words of a query for names, each once; all of them are prefixes.
pub(crate) fn prefixes(text: &str) -> Vec<String> {
    let terms = Query::parse(text).map(|query| query.0).unwrap_or_default();
    terms.into_iter().map(|term| term.word).collect()
}
