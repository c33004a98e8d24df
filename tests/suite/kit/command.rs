//! The binary as an operator calls it.

use std::io::Write;
use std::process::{Command, Stdio};

use super::database::Database;

/// A command that has ended.
#[derive(Debug)]
pub struct CommandOutput {
    /// The exit status.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl CommandOutput {
    /// Fails unless it succeeded; returns its output.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Fails unless it was refused with this text.
    #[track_caller]
    pub fn refused(self, content: &str) {
        assert_eq!(self.code, 1, "{self:?}");
        assert!(self.err.contains(content), "wanted {content:?}: {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

/// The binary. What the developer has set for their own server does not reach a test's.
pub fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("PARLOR_") || name == "DATABASE_URL" || name == "RUST_LOG" {
            command.env_remove(&*name);
        }
    }
    command
}

/// Calls the binary on this database with this standard input, which is no terminal.
pub fn parlor(database: &Database, arguments: &[&str], input: &str) -> CommandOutput {
    let mut child = binary()
        .args(arguments)
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    CommandOutput { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}
