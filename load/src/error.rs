//! Why nothing was measured. A failure *while* measuring is a breach, which the report counts.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0}")]
    Usage(String),
    #[error("{what}: {source}")]
    System { what: String, source: io::Error },
    #[error("{what}: the server answers {answer}")]
    Answer {
        what: String,
        /// Its answer, with the status where there is one.
        answer: String,
    },
    /// The server has limits that would be what is measured.
    #[error("this server's limits would be what is measured. Start it with {0}")]
    Limited(String),
    #[error("a thread of this program ended early")]
    Thread,
}

impl LoadError {
    /// For `map_err`: the operating system refused `what`.
    pub fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }

    pub fn answer(what: impl Into<String>, answer: impl Into<String>) -> Self {
        Self::Answer { what: what.into(), answer: answer.into() }
    }
}
