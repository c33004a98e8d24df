//! What a session's first request carried to speak for a user, so that whoever only knows the session's name cannot go on
//! with it.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use super::cookies::{LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, held_by};

type Hash = [u8; 32];

/// Hashes of the `Authorization` header and of this server's cookies, whether they count or not; `None` where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    header: Option<Hash>,
    cookies: [Option<Hash>; 3],
}

impl Carried {
    /// What this request carries.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        let header = req.headers().get(AUTHORIZATION).map(|line| hash(line.as_bytes()));
        let cookie = |name| held_by(req, name).map(|value| hash(value.as_bytes()));
        Self { header, cookies: [cookie(ROOM_COOKIE), cookie(LOBBY_COOKIE), cookie(LOGIN_COOKIE)] }
    }

    /// True where a later request carries all that this one did. It may carry more: a page can log in meanwhile.
    pub(crate) fn is_in(&self, later: &Self) -> bool {
        let all = |own: &Self| [own.header, own.cookies[0], own.cookies[1], own.cookies[2]];
        all(self).iter().zip(all(later)).all(|(own, other)| own.is_none() || *own == other)
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
    fn a_session_goes_on_with_what_it_began_with() {
        let of = |cookie: &'static str, header: &'static str| {
            let mut request = TestRequest::default();
            if !cookie.is_empty() {
                request = request.insert_header((COOKIE, cookie));
            }
            if !header.is_empty() {
                request = request.insert_header((AUTHORIZATION, header));
            }
            Carried::of(&request.to_http_request())
        };
        let nothing = of("", "");
        assert!(nothing.is_in(&of("parlor_token=a", "Bearer a")));
        let both = of("other=1; parlor_token=a", "Bearer a");
        assert!(both.is_in(&of("parlor_token=a; other=2", "Bearer a")));
        for later in [nothing, of("parlor_token=b", "Bearer a"), of("parlor_token=a", ""), of("", "Bearer a")] {
            assert!(!both.is_in(&later), "{later:?}");
        }
    }
}
