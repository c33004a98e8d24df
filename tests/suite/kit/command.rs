//! The binary as an operator calls it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Only success will do; gives what it said.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Only a refusal with these words will do.
    #[track_caller]
    pub fn refused(self, words: &str) {
        assert_eq!(self.code, 1, "{self:?}");
        assert!(self.err.contains(words), "wanted {words:?}: {self:?}");
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
pub fn parlor(database: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut child = binary()
        .args(arguments)
        .env("DATABASE_URL", format!("sqlite:{}", database.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // A command that asks for nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}
