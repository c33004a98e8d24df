//! Why nothing was measured. What goes wrong *while* measuring is a breach and stands in the report instead.

use std::io;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// The operating system said no.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What it answered.
        source: io::Error,
    },
    /// The server answered something else than hoped.
    #[error("{what}: the server says {answer}")]
    Answer {
        /// What was asked.
        what: String,
        /// Its answer, with the status where there is one.
        answer: String,
    },
    /// The server has limits that would be what is measured.
    #[error("this server's limits would be what is measured. Start it with {0}")]
    Limited(String),
    /// One of the program's own threads ended without a result.
    #[error("a thread of this program ended early")]
    Thread,
}

impl Trouble {
    /// For `map_err`: the operating system refused `what`.
    pub fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }

    /// The server answered `what` with something else than hoped.
    pub fn answer(what: impl Into<String>, answer: impl Into<String>) -> Self {
        Self::Answer { what: what.into(), answer: answer.into() }
    }
}
