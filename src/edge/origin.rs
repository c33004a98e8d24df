//! Which page sends a request, by `Origin` and `Sec-Fetch-Site`, and whether a user has initiated it. Only browsers send these
//! headers: a request with neither is from another program.

use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use super::client::MAX_LOGGED;
use crate::config::{Config, Origin};
use crate::domain::Refusal;
use crate::rate_limit::LogThrottle;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The headers of prefetches, in browsers of several years.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// Accepts requests of this server's own pages, of listed origins, and without an `Origin`; `forbidden` for other pages, with whose
/// requests a browser would send its user's cookie.
pub(crate) fn check_origin(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    let known = |origin: &str| is_own(req, config, origin) || is_listed(config, origin);
    if origins(req).all(|origin| origin.is_some_and(known)) {
        Ok(())
    } else {
        log_refused_origin(req, config);
        Err(Refusal::Forbidden("Pages of this origin may not connect here."))
    }
}

/// Accepts forms of this server's own pages, and those that no browser has sent (against CSRF); `forbidden` for other pages, and
/// where the browser withholds the origin.
pub(crate) fn check_form(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    if is_from_own_page(req, config) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This form was not sent from a page of this server."))
    }
}

/// Accepts a GET with an effect only where a user has initiated it: typed in, followed from a page of this server, or sent by a
/// program other than a browser; `forbidden` for other pages, for prefetches, and for HEAD.
pub(crate) fn check_user_initiated(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    if !is_user_initiated(req) {
        Err(Refusal::Forbidden("This changes something, and nobody has asked for it yet. Nothing was done."))
    } else if is_from_own_page(req, config) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This was asked for by a page of another site. Nothing was done."))
    }
}

/// False for HEAD, prefetched and prerendered pages and previews. A GET has an effect only where this is true.
pub(crate) fn is_user_initiated(req: &HttpRequest) -> bool {
    let is_prefetch = |value: &str| ["prefetch", "prerender", "preview"].iter().any(|kind| value.contains(kind));
    let mut purposes = PURPOSES.into_iter().flat_map(|name| req.headers().get_all(name));
    req.method() != Method::HEAD
        && !purposes.any(|value| is_prefetch(&String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()))
}

fn is_from_own_page(req: &HttpRequest, config: &Config) -> bool {
    let sites: Vec<&[u8]> = req.headers().get_all(FETCH_SITE).map(|site| site.as_bytes()).collect();
    // A page with a strict referrer policy has the origin `null`; then the other header decides.
    let is_same_site = !sites.is_empty() && sites.iter().all(|site| is_own_site(site));
    let known = |origin: &str| is_own(req, config, origin) || (origin == "null" && is_same_site);
    (sites.is_empty() || is_same_site) && origins(req).all(|origin| origin.is_some_and(known))
}

pub(crate) fn is_listed(config: &Config, origin: &str) -> bool {
    !config.origins.is_empty() && origin.parse::<Origin>().is_ok_and(|origin| config.origins.contains(&origin))
}

/// True for requests of this server's own pages, of a user, and of programs other than browsers: only then do cookies count.
pub(super) fn accepts_cookies(req: &HttpRequest, config: &Config) -> bool {
    req.headers().get_all(FETCH_SITE).all(|site| is_own_site(site.as_bytes()))
        && origins(req).all(|origin| origin.is_some_and(|origin| is_own(req, config, origin)))
}

/// Logs a refused origin, once in a while: browsers show the refusal only in their console, and behind a misconfigured proxy the
/// server just seems unreachable.
pub(super) fn log_refused_origin(req: &HttpRequest, config: &Config) {
    static NOTICES: LogThrottle = LogThrottle::new();
    let shown = |name: HeaderName| -> String {
        let line = req.headers().get(name).map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
        line.unwrap_or_default().chars().take(MAX_LOGGED).collect()
    };
    let (origin, host) = (shown(ORIGIN), shown(HOST));
    if !NOTICES.is_due(&(&origin, &host), Instant::now()) {
        return;
    }
    let advice = match (&config.public_url, origin.parse::<Origin>()) {
        (Some(own), _) => format!(
            "the server's own is PARLOR_PUBLIC_URL={}; change that where people reach the server elsewhere, or list a page of \
             another site in PARLOR_ORIGINS",
            own.as_str()
        ),
        (None, Ok(seen)) if seen.is_web() => format!(
            "if this is where people reach the server, set PARLOR_PUBLIC_URL={} or let the proxy pass Host on unchanged; a page \
             of another site belongs into PARLOR_ORIGINS",
            seen.as_str()
        ),
        (None, _) => "a page of another site belongs into PARLOR_ORIGINS".to_owned(),
    };
    log::warn!("refused Origin {origin:?} with Host {host:?} at {}: {advice}", req.path());
}

/// The values of `Sec-Fetch-Site` for this server's own pages and for what a user enters.
fn is_own_site(site: &[u8]) -> bool {
    site == b"same-origin" || site == b"none"
}

fn origins(req: &HttpRequest) -> impl Iterator<Item = Option<&str>> {
    req.headers().get_all(ORIGIN).map(|origin| origin.to_str().ok())
}

fn is_own(req: &HttpRequest, config: &Config, origin: &str) -> bool {
    let Ok(origin) = origin.parse::<Origin>() else { return false };
    if let Some(own) = &config.public_url {
        return *own == origin;
    }
    // Behind a proxy the server does not know whether the client used TLS, so the scheme is the page's.
    let host = req.headers().get(HOST).and_then(|host| host.to_str().ok());
    origin.is_web() && host.and_then(|host| origin.at(host)).is_some_and(|own| own == origin)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use clap::Parser;

    use super::*;

    fn config(flags: &[&str]) -> Config {
        Config::parse_from(["parlor"].iter().chain(flags))
    }

    fn request_from(origin: &'static str) -> HttpRequest {
        TestRequest::default()
            .insert_header((HOST, "Chat.example:5000"))
            .insert_header((ORIGIN, origin))
            .to_http_request()
    }

    #[test]
    fn own_and_listed_pages_may_connect() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |origin| check_origin(&request_from(origin), &config).is_ok();
        assert!(may("http://chat.example:5000") && may("https://chat.example:5000") && may("https://app.example"));
        for other in [
            "null",
            "http://chat.example",
            "http://evil.example",
            "ws://chat.example:5000",
            "",
            "https://app.example:8443",
        ] {
            assert!(!may(other), "{other}");
        }
        assert!(check_origin(&TestRequest::default().to_http_request(), &config).is_ok(), "a program");
    }

    #[test]
    fn origins_are_compared_in_their_normal_form() {
        for (host, origin, is_own) in [
            ("chat.example:443", "https://chat.example", true),
            ("chat.example:80", "http://chat.example", true),
            ("chat.example:80", "https://chat.example", false),
            ("CHAT.example", "https://chat.EXAMPLE", true),
            ("chat.example.", "https://chat.example", true),
            ("chat.example", "https://chat.example.", true),
            ("xn--bcher-kva.example:8080", "http://xn--bcher-kva.example:8080", true),
            ("[::1]:5000", "http://[::1]:5000", true),
            ("chat.example", "https://chat.example:8443", false),
            ("chat.example@evil.example", "https://evil.example", false),
            ("evil.example/chat.example", "https://evil.example", false),
            ("", "https://", false),
            ("localhost", "capacitor://localhost", false),
        ] {
            let request = TestRequest::default().insert_header((HOST, host)).insert_header((ORIGIN, origin));
            assert_eq!(check_origin(&request.to_http_request(), &config(&[])).is_ok(), is_own, "{host} {origin}");
        }
    }

    #[test]
    fn a_public_url_is_compared_as_an_origin() {
        for (url, origin) in [
            ("http://bücher.example:8080", "http://xn--bcher-kva.example:8080"),
            ("https://Chat.Example.:443/", "https://chat.example"),
            ("http://chat.example:80", "http://chat.example"),
        ] {
            assert!(check_origin(&request_from(origin), &config(&["--public-url", url])).is_ok(), "{url} {origin}");
        }
    }

    #[test]
    fn packaged_apps_may_be_listed() {
        let listed = config(&["--origins", "capacitor://localhost,tauri://localhost"]);
        assert!(check_origin(&request_from("capacitor://localhost"), &listed).is_ok());
        assert!(check_origin(&request_from("tauri://localhost"), &listed).is_ok());
        assert!(check_origin(&request_from("ionic://localhost"), &listed).is_err());
        assert!(check_origin(&request_from("capacitor://localhost"), &config(&[])).is_err());
    }

    #[test]
    fn a_public_url_is_the_only_own_origin() {
        let config = config(&["--public-url", "https://chat.example"]);
        assert!(check_origin(&request_from("https://chat.example"), &config).is_ok());
        assert!(check_origin(&request_from("http://chat.example:5000"), &config).is_err());
    }

    #[test]
    fn cookies_do_not_count_for_listed_origins() {
        let config = config(&["--origins", "https://app.example"]);
        assert!(accepts_cookies(&request_from("http://chat.example:5000"), &config));
        assert!(!accepts_cookies(&request_from("https://app.example"), &config));
    }

    #[test]
    fn forms_are_accepted_from_own_pages_only() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |headers: &[(HeaderName, &'static str)]| {
            let mut request = TestRequest::default().insert_header((HOST, "chat.example"));
            for header in headers {
                request = request.append_header(header.clone());
            }
            check_form(&request.to_http_request(), &config).is_ok()
        };
        assert!(may(&[]), "a program");
        assert!(may(&[(ORIGIN, "http://chat.example")]));
        assert!(may(&[(ORIGIN, "null"), (FETCH_SITE, "same-origin")]), "a page with a strict referrer policy");
        for others in [
            &[(ORIGIN, "null")][..],
            &[(ORIGIN, "https://app.example")],
            &[(ORIGIN, "http://chat.example"), (FETCH_SITE, "cross-site")],
            &[(FETCH_SITE, "same-site")],
            &[(ORIGIN, "http://evil.example"), (FETCH_SITE, "same-origin")],
            &[(ORIGIN, "null"), (FETCH_SITE, "same-origin"), (FETCH_SITE, "cross-site")],
        ] {
            assert!(!may(others), "{others:?}");
        }
    }

    #[test]
    fn prefetches_and_other_pages_do_not_initiate_a_change() {
        let config = config(&[]);
        let is_accepted = |name: &'static str, value: &'static str| {
            let request = TestRequest::default().insert_header((HOST, "chat.example")).insert_header((name, value));
            check_user_initiated(&request.to_http_request(), &config).is_ok()
        };
        for (name, value) in [
            ("x", "y"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://chat.example"),
            ("sec-purpose", ""),
        ] {
            assert!(is_accepted(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("Sec-Purpose", "Prefetch"),
            ("purpose", "prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "null"),
            ("origin", "https://evil.example"),
        ] {
            assert!(!is_accepted(name, value), "{name}: {value}");
        }
        assert!(check_user_initiated(&TestRequest::default().method(Method::HEAD).to_http_request(), &config).is_err());
    }
}
