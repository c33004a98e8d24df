//! Settings whose values may hold a password or a token.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::str::FromStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

/// Parses such a setting. Unlike that of clap, its error does not show the value.
pub(super) struct Secret<T>(PhantomData<fn() -> T>);

impl<T> Secret<T> {
    pub(super) const fn parser() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self::parser()
    }
}

impl<T: FromStr<Err = String> + Clone + Send + Sync + 'static> TypedValueParser for Secret<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        let parsed = value.to_str().ok_or_else(|| "not UTF-8".to_owned()).and_then(str::parse);
        parsed.map_err(|problem| {
            let name = arg.map_or_else(String::new, |arg| format!(" for '{arg}'"));
            Error::raw(ErrorKind::ValueValidation, format!("invalid value{name}: {problem}\n")).with_cmd(command)
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::config::Config;

    #[test]
    fn an_invalid_secret_is_not_shown() {
        let copy = ["copy", "--to", "sqlite:copy.db", "--from"];
        let wrong = "postgres://avi:hunter2@host:port/parlor";
        for (arguments, named) in [
            (&["--database-url", wrong][..], "--database-url"),
            (&["--database-url", "mysql://avi:hunter2@host/parlor"], "`sqlite:<file>`"),
            (&["--metrics-token", "hunter2 "], "--metrics-token"),
            (&[&copy[..], &[wrong]].concat(), "--from"),
        ] {
            let error = Config::try_parse_from(["parlor"].iter().chain(arguments)).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("hunter2"), "{error}");
        }
    }
}
