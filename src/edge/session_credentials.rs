//! The credentials of a Socket.IO session's first request. Later requests must carry the same ones, so that the `sid` alone is
//! not enough to continue a session.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use super::cookies::{LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, cookie_value};

type Hash = [u8; 32];

/// Hashes of the `Authorization` header and of this server's cookies, valid or not, each with the name of its header or cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionCredentials(Vec<(&'static str, Hash)>);

impl SessionCredentials {
    pub(crate) fn of(req: &HttpRequest) -> Self {
        let header = req.headers().get(AUTHORIZATION).map(|line| ("", hash(line.as_bytes())));
        let cookies = [ROOM_COOKIE, LOBBY_COOKIE, LOGIN_COOKIE].into_iter();
        let cookies = cookies.filter_map(|name| Some((name, hash(cookie_value(req, name)?.as_bytes()))));
        Self(header.into_iter().chain(cookies).collect())
    }

    /// True where a later request carries all of these. It may carry more: a page can log in meanwhile.
    pub(crate) fn are_in(&self, later: &Self) -> bool {
        self.0.iter().all(|credential| later.0.contains(credential))
    }
}

fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::COOKIE;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_session_continues_only_with_its_first_credentials() {
        let of = |cookie: &'static str, header: &'static str| {
            let mut request = TestRequest::default();
            if !cookie.is_empty() {
                request = request.insert_header((COOKIE, cookie));
            }
            if !header.is_empty() {
                request = request.insert_header((AUTHORIZATION, header));
            }
            SessionCredentials::of(&request.to_http_request())
        };
        let none = of("", "");
        assert!(none.are_in(&of("parlor_token=a", "Bearer a")));
        let both = of("other=1; parlor_token=a", "Bearer a");
        assert!(both.are_in(&of("parlor_token=a; other=2", "Bearer a")));
        for later in [none, of("parlor_token=b", "Bearer a"), of("parlor_token=a", ""), of("", "Bearer a")] {
            assert!(!both.are_in(&later), "{later:?}");
        }
    }
}
