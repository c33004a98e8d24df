//! The files in `client/`, inside the binary; a debug build reads them from the disk.

use std::borrow::Cow;

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "src/http/web/client"]
pub(super) struct ClientFiles;

/// The text of a template or a module; empty where there is none.
pub(super) fn template(path: &str) -> Cow<'static, str> {
    text(path).unwrap_or_default()
}

pub(super) fn text(path: &str) -> Option<Cow<'static, str>> {
    match ClientFiles::get(path)?.data {
        Cow::Borrowed(text) => Some(String::from_utf8_lossy(text)),
        Cow::Owned(text) => Some(Cow::Owned(String::from_utf8_lossy(&text).into_owned())),
    }
}

/// The paths of all files that end like this, in order.
pub(super) fn paths(end: &str) -> Vec<Cow<'static, str>> {
    let mut paths: Vec<_> = ClientFiles::iter().filter(|path| path.ends_with(end)).collect();
    paths.sort_unstable();
    paths
}
