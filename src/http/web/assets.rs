//! The client's files as a browser gets them: with their type, compressed, and asked for again only when they change.
//!
//! A release carries them and prepares each once; a debug build reads them from `client/` on every request, so that an
//! edit is seen by a reload.
//!
//! The page itself may be kept and must be asked for again (`no-cache` with an `ETag`); it names its files with the version
//! of the build (see `version`), and those are kept for good. So a reload costs one request for the page and none for its
//! files, and after an update it gets the new ones. A page that was opened before an update and brings an area after it asks
//! by the old version and is given the new file, not to be kept.
//!
//! All styles are one file, since each answer costs a quarter of a KiB besides its content.

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

use super::files::{Client, paths, template};
use super::page_headers::protect;
use super::version::split;
use crate::domain::Refusal;
use crate::edge::problem::Problem;

/// Of what stands under an address with the version of the build in it.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Every file, prepared.
static PREPARED: LazyLock<BTreeMap<Cow<'static, str>, Asset>> = LazyLock::new(|| {
    let prepared = |path: Cow<'static, str>| Asset::read(&path).map(|asset| (path, asset));
    Client::iter().chain([Cow::Borrowed(STYLES)]).filter_map(prepared).collect()
});

/// All of `style/` as one file. Colours and elements come first, since the others build on them; what changes all of them
/// comes last.
const STYLES: &str = "style.css";
const FIRST_STYLES: [&str; 3] = ["style/tokens.css", "style/base.css", "style/layout.css"];
const LAST_STYLE: &str = "style/forced-colors.css";

/// A file, or a page, ready to be sent.
#[derive(Clone)]
pub(super) struct Asset {
    kind: &'static str,
    plain: Bytes,
    /// Where it is shorter.
    gzip: Option<Bytes>,
    /// Differs wherever the content does.
    tag: String,
    /// It runs in a browser, which must be told what it may do.
    is_page: bool,
}

impl Asset {
    /// A page.
    pub(super) fn page(html: String) -> Self {
        Self { is_page: true, ..Self::new("text/html; charset=utf-8", html) }
    }

    /// Content of this type, compressed where that helps.
    fn new(kind: &'static str, plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let digest = Sha256::digest(&plain);
        let tag = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let gzip = compress(&plain).filter(|gzip| gzip.len() < plain.len()).map(Bytes::from);
        Self { kind, plain, gzip, tag, is_page: false }
    }

    fn read(path: &str) -> Option<Self> {
        if path == STYLES {
            return Some(Self::new(kind(path), styles()));
        }
        let file = Client::get(path)?;
        let content = match file.data {
            text if is_code(path) => Bytes::from(without_comments(&String::from_utf8_lossy(&text))),
            Cow::Borrowed(content) => Bytes::from_static(content),
            Cow::Owned(content) => Bytes::from(content),
        };
        Some(Self::new(kind(path), content))
    }

    /// The answer that this request is given: the content, or that it has not changed.
    pub(super) fn answer(&self, req: &HttpRequest) -> HttpResponse {
        let gzip = self.gzip.as_ref().filter(|_| takes_gzip(req));
        // Two forms of one content differ byte for byte, so each has a strong tag of its own.
        let form = if gzip.is_some() { "-gzip" } else { "" };
        let tag = EntityTag::new_strong(format!("{}{form}", self.tag));
        let has_it = has(req, &tag);
        let mut answer = HttpResponseBuilder::new(if has_it { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        if self.is_page {
            protect(&mut answer);
        }
        answer
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header(ETag(tag));
        if self.gzip.is_some() {
            answer.insert_header((VARY, ACCEPT_ENCODING.as_str()));
        }
        if has_it {
            return answer.finish();
        }
        answer.content_type(self.kind);
        match gzip {
            Some(gzip) => answer.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip)).body(gzip.clone()),
            None => answer.body(self.plain.clone()),
        }
    }
}

/// A module, a style, an icon. Pages are no files: what is read here is only a template of them.
pub(super) async fn file(req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (path, is_current) = split(&path);
    let file = if is_template(path) { None } else { find(path) };
    let mut answer = file.map(|file| file.answer(&req)).ok_or(Problem(Refusal::NotFound))?;
    if is_current {
        answer.headers_mut().insert(CACHE_CONTROL, FOR_GOOD);
        // Nobody asks again.
        answer.headers_mut().remove(ETAG);
    }
    Ok(answer)
}

/// Each style once.
fn styles() -> String {
    let others = paths(".css");
    let is_other = |path: &&str| path.starts_with("style/") && !FIRST_STYLES.contains(path) && *path != LAST_STYLE;
    let others = others.iter().map(AsRef::as_ref).filter(is_other);
    FIRST_STYLES.into_iter().chain(others).chain([LAST_STYLE]).map(|path| without_comments(&template(path))).collect()
}

fn find(path: &str) -> Option<Asset> {
    if cfg!(debug_assertions) { Asset::read(path) } else { PREPARED.get(path).cloned() }
}

fn is_code(path: &str) -> bool {
    path.ends_with(".js") || path.ends_with(".css")
}

/// A fifth of the code is there for its readers; a browser gets empty lines instead, so that places in it stay the same.
fn without_comments(code: &str) -> String {
    let mut open = false;
    let mut lean = String::with_capacity(code.len());
    for line in code.lines() {
        let begins = line.trim_start();
        open |= begins.starts_with("/*");
        if !open && !begins.starts_with("//") {
            lean.push_str(line);
        }
        // Only comments that have their lines for themselves: what stands behind one belongs to the code.
        open &= !begins.trim_end().ends_with("*/");
        lean.push('\n');
    }
    lean
}

fn is_template(path: &str) -> bool {
    path.ends_with(".html")
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        // Modules are UTF-8 whatever is said, and there are dozens of them.
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

/// True where the browser has just this already.
fn has(req: &HttpRequest, tag: &EntityTag) -> bool {
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
        for path in Client::iter().filter(|path| !is_template(path)) {
            assert_ne!(kind(&path), "application/octet-stream", "{path}");
        }
    }

    #[test]
    fn comments_are_left_out_and_lines_stay_where_they_are() {
        let code = "// a\nlet b; // c\n  /** d\n   * e */\nf('//');\n/* g */\nh";
        assert_eq!(without_comments(code), "\nlet b; // c\n\n\nf('//');\n\nh\n");
    }

    /// A text over several lines could hold what looks like a comment, and a comment with code behind it on one line.
    #[test]
    fn the_clients_code_has_no_comments_that_are_none() {
        for path in Client::iter().filter(|path| is_code(path)) {
            for line in template(&path).lines() {
                let (begins, ticks) = (line.trim(), line.replace("'`'", "").matches('`').count());
                assert_eq!(ticks % 2, 0, "{path}: a text over several lines: {line}");
                let closed = !begins.starts_with("/*") || begins.find("*/").is_none_or(|at| at + 2 == begins.len());
                assert!(closed, "{path}: code behind a comment: {line}");
            }
        }
    }

    #[test]
    fn what_does_not_get_shorter_is_sent_as_it_is() {
        assert!(Asset::new("text/plain", "a").gzip.is_none());
        assert!(Asset::new("text/plain", "a".repeat(1_000)).gzip.is_some());
    }
}
