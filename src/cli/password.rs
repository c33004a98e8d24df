//! A new password: typed twice on a terminal, or one line of standard input.

use std::io::{self, BufRead, IsTerminal, Read};

use super::Failure;
use crate::service::accounts::hash_new_password;

/// In bytes; no password is longer.
const LINE: u64 = 1_024;

/// Prompts for a new password of at least `shortest` characters for `username`; gives its hash.
pub(super) fn prompt(username: &str, shortest: u32) -> Result<String, Failure> {
    let password = if io::stdin().is_terminal() { typed()? } else { line()? };
    Ok(hash_new_password(&password, username, shortest)?)
}

fn typed() -> Result<String, Failure> {
    let password = rpassword::prompt_password("New password: ")?;
    if rpassword::prompt_password("Repeat the password: ")? == password {
        Ok(password)
    } else {
        Err(Failure::Password("the passwords do not match"))
    }
}

fn line() -> Result<String, Failure> {
    let mut line = String::new();
    match io::stdin().lock().take(LINE).read_line(&mut line) {
        Ok(0) => return Err(Failure::Password("standard input contains no password")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(Failure::Password("the password is not UTF-8"));
        }
        Err(error) => return Err(error.into()),
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
