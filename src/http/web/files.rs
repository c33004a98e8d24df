//! The files in `client/`, inside the binary; a debug build reads them from the disk.

use std::borrow::Cow;

use rust_embed::Embed;

/// What lies in `client/`.
#[derive(Embed)]
#[folder = "src/http/web/client"]
pub(super) struct Client;

/// The text of a template; empty where there is none.
pub(super) fn template(path: &str) -> Cow<'static, str> {
    match Client::get(path).map(|file| file.data) {
        Some(Cow::Borrowed(text)) => String::from_utf8_lossy(text),
        Some(Cow::Owned(text)) => Cow::Owned(String::from_utf8_lossy(&text).into_owned()),
        None => Cow::Borrowed(""),
    }
}

/// The paths of all files that end like this, in order.
pub(super) fn paths(end: &str) -> Vec<Cow<'static, str>> {
    let mut paths: Vec<_> = Client::iter().filter(|path| path.ends_with(end)).collect();
    paths.sort_unstable();
    paths
}
