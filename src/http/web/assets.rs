//! The files of the web client: with their type, compressed and cached. A release embeds them and prepares each once; a debug
//! build reads them from `client/` on every request.
//!
//! The page is revalidated on every load and refers to its files by the version of the build; those are immutable. A page from
//! before an update that requests a file by the old version receives the new one, which is not cached.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, ETAG, ETag, Encoding, EntityTag,
    Header, HeaderValue, IfNoneMatch, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::bundle::{condensed, script, styles};
use super::files::{ClientFiles, text};
use super::page_headers::protect;
use super::version::split;
use crate::domain::Refusal;
use crate::edge::problem::Problem;

/// For addresses that contain the version of the build.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

static PREPARED: LazyLock<BTreeMap<Cow<'static, str>, Asset>> = LazyLock::new(|| {
    let prepared = |path: Cow<'static, str>| Asset::read(&path).map(|asset| (path, asset));
    ClientFiles::iter().chain([Cow::Borrowed(STYLES)]).filter_map(prepared).collect()
});

const SCRIPT: &str = "main.js";
const STYLES: &str = "style.css";

/// A file, or a page, ready to be sent.
#[derive(Clone)]
pub(super) struct Asset {
    kind: &'static str,
    plain: Bytes,
    /// `None` where it is not shorter.
    gzip: Option<Bytes>,
    tag: String,
    /// Pages need a content security policy.
    is_page: bool,
}

impl Asset {
    pub(super) fn page(html: String) -> Self {
        Self { is_page: true, ..Self::new("text/html; charset=utf-8", html) }
    }

    fn new(kind: &'static str, plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let digest = Sha256::digest(&plain);
        let tag = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let gzip = compress(&plain).filter(|gzip| gzip.len() < plain.len()).map(Bytes::from);
        Self { kind, plain, gzip, tag, is_page: false }
    }

    fn read(path: &str) -> Option<Self> {
        let content: Bytes = match path {
            SCRIPT => script(path).into(),
            STYLES => styles().into(),
            _ if path.ends_with(".js") || path.ends_with(".css") => condensed(&text(path)?).into(),
            _ => ClientFiles::get(path)?.data.into_owned().into(),
        };
        Some(Self::new(kind(path), content))
    }

    /// The content, or 304.
    pub(super) fn respond(&self, req: &HttpRequest) -> HttpResponse {
        let gzip = self.gzip.as_ref().filter(|_| takes_gzip(req));
        // Both encodings differ in bytes, so each has a strong tag of its own.
        let form = if gzip.is_some() { "-gzip" } else { "" };
        let tag = EntityTag::new_strong(format!("{}{form}", self.tag));
        let is_unchanged = matches_tag(req, &tag);
        let mut response =
            HttpResponseBuilder::new(if is_unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        if self.is_page {
            protect(&mut response);
        }
        response
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header(ETag(tag));
        if self.gzip.is_some() {
            response.insert_header((VARY, ACCEPT_ENCODING.as_str()));
        }
        if is_unchanged {
            return response.finish();
        }
        response.content_type(self.kind);
        match gzip {
            Some(gzip) => response.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip)).body(gzip.clone()),
            None => response.body(self.plain.clone()),
        }
    }
}

/// Serves a module, style or icon, but no template.
pub(super) async fn file(req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (path, is_current) = split(&path);
    let file = if is_template(path) { None } else { find(path) };
    let mut response = file.map(|file| file.respond(&req)).ok_or(Problem(Refusal::NotFound))?;
    if is_current {
        response.headers_mut().insert(CACHE_CONTROL, IMMUTABLE);
        // It is never revalidated.
        response.headers_mut().remove(ETAG);
    }
    Ok(response)
}

fn find(path: &str) -> Option<Asset> {
    if cfg!(debug_assertions) { Asset::read(path) } else { PREPARED.get(path).cloned() }
}

fn is_template(path: &str) -> bool {
    path.ends_with(".html")
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        // Modules are always UTF-8.
        Some("js") => "text/javascript",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn compress(plain: &[u8]) -> Option<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::best());
    gzip.write_all(plain).ok()?;
    gzip.finish().ok()
}

fn takes_gzip(req: &HttpRequest) -> bool {
    let accepted = AcceptEncoding::parse(req).ok();
    accepted.and_then(|accepted| accepted.negotiate([Encoding::gzip()].iter())) == Some(Encoding::gzip())
}

fn matches_tag(req: &HttpRequest, tag: &EntityTag) -> bool {
    let may = req.method() == Method::GET || req.method() == Method::HEAD;
    may && match IfNoneMatch::parse(req) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_type_that_browsers_take() {
        for path in ClientFiles::iter().filter(|path| !is_template(path)) {
            assert_ne!(kind(&path), "application/octet-stream", "{path}");
        }
    }

    #[test]
    fn what_does_not_get_shorter_is_sent_as_it_is() {
        assert!(Asset::new("text/plain", "a").gzip.is_none());
        assert!(Asset::new("text/plain", "a".repeat(1_000)).gzip.is_some());
    }
}
