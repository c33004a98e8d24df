//! Which page sends a request, as the browser says in `Origin` and `Sec-Fetch-Site`; a request with neither is a program's.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use crate::config::Config;
use crate::model::Refusal;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Passes a handshake of this server's own pages, of listed origins, and of programs, which send no `Origin`.
///
/// # Errors
/// `forbidden` for the pages of others: a browser would lend them its user's cookie.
pub fn check_origin(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    let known = |origin: &str| is_own(req, config, origin) || is_listed(config, origin);
    if origins(req).all(|origin| origin.is_some_and(known)) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("Pages of this origin may not connect here."))
    }
}

/// Passes a form that a page of this server has sent, and programs, which say of no page.
///
/// # Errors
/// `forbidden` for a form on somebody else's page, and where the browser does not say whose page it was.
pub fn check_form(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    let sites: Vec<&[u8]> = req.headers().get_all(FETCH_SITE).map(|site| site.as_bytes()).collect();
    // A page that tells nobody its address is of the origin `null`, unless the browser vouches for it in the other header.
    let is_vouched_for = !sites.is_empty() && sites.iter().all(|site| is_own_site(site));
    let known = |origin: &str| is_own(req, config, origin) || (origin == "null" && is_vouched_for);
    if (sites.is_empty() || is_vouched_for) && origins(req).all(|origin| origin.is_some_and(known)) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This form was not sent from a page of this server."))
    }
}

/// True for an origin that the operator has listed beside the server's own.
pub fn is_listed(config: &Config, origin: &str) -> bool {
    config.origins.iter().any(|listed| listed.as_str().eq_ignore_ascii_case(origin))
}

/// True for what a page of this server, its user or a program asks: only then does a cookie count.
pub(super) fn is_own_doing(req: &HttpRequest, config: &Config) -> bool {
    req.headers().get_all(FETCH_SITE).all(|site| is_own_site(site.as_bytes()))
        && origins(req).all(|origin| origin.is_some_and(|origin| is_own(req, config, origin)))
}

/// Sent by a page of this server, or by nothing but the user.
fn is_own_site(site: &[u8]) -> bool {
    site == b"same-origin" || site == b"none"
}

fn origins(req: &HttpRequest) -> impl Iterator<Item = Option<&str>> {
    req.headers().get_all(ORIGIN).map(|origin| origin.to_str().ok())
}

fn is_own(req: &HttpRequest, config: &Config, origin: &str) -> bool {
    if let Some(own) = &config.public_url {
        return own.as_str().eq_ignore_ascii_case(origin);
    }
    // Behind a proxy this server cannot know whether it was TLS outside.
    let (host, scheme) = (req.headers().get(HOST).and_then(|host| host.to_str().ok()), origin.split_once("://"));
    matches!((host, scheme), (Some(host), Some(("http" | "https", origin))) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use clap::Parser;

    use super::*;

    fn config(flags: &[&str]) -> Config {
        Config::parse_from(["parlor"].iter().chain(flags))
    }

    fn asked_from(origin: &'static str) -> HttpRequest {
        TestRequest::default()
            .insert_header((HOST, "Chat.example:5000"))
            .insert_header((ORIGIN, origin))
            .to_http_request()
    }

    #[test]
    fn own_and_listed_pages_may_connect() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |origin| check_origin(&asked_from(origin), &config).is_ok();
        assert!(may("http://chat.example:5000") && may("https://chat.example:5000") && may("https://app.example"));
        for other in ["null", "http://chat.example", "http://evil.example", "ws://chat.example:5000", ""] {
            assert!(!may(other), "{other}");
        }
        assert!(check_origin(&TestRequest::default().to_http_request(), &config).is_ok(), "a program");
    }

    #[test]
    fn a_public_url_is_the_only_own_origin() {
        let config = config(&["--public-url", "https://chat.example"]);
        assert!(check_origin(&asked_from("https://chat.example"), &config).is_ok());
        assert!(check_origin(&asked_from("http://chat.example:5000"), &config).is_err());
    }

    #[test]
    fn a_listed_origin_does_not_lend_a_cookie() {
        let config = config(&["--origins", "https://app.example"]);
        assert!(is_own_doing(&asked_from("http://chat.example:5000"), &config));
        assert!(!is_own_doing(&asked_from("https://app.example"), &config));
    }

    #[test]
    fn a_form_counts_from_own_pages_only() {
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
        assert!(may(&[(ORIGIN, "null"), (FETCH_SITE, "same-origin")]), "a page that tells nobody its address");
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
}
