//! Secrets in URLs, where logs and browser histories keep them.

use actix_web::HttpRequest;

use crate::domain::Refusal;
use crate::service::accounts::Secret;

const SECRET_PARAMETERS: [&str; 4] = ["token", "access_token", "jwt", "authorization"];

/// Refuses a secret in a URL, also beside a valid header: it is exposed, and the author of the client should know.
pub(crate) fn reject(req: &HttpRequest) -> Result<(), Refusal> {
    let (path, query) = (req.path(), req.query_string());
    if query.is_empty() && !path.contains('%') && !path.contains("prl_") {
        return Ok(());
    }
    let is_secret_name = |name: &str| SECRET_PARAMETERS.iter().any(|secret| secret.eq_ignore_ascii_case(name));
    // The whole format and not the prefix alone, which usernames may have too.
    let is_secret = |text: &str| text.split(|c: char| !is_secret_char(c)).any(|part| Secret::parse(part).is_ok());
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut secrets = pairs.map(|(name, value)| is_secret_name(&name) || is_secret(&name) || is_secret(&value));
    let path = path.replace('+', " ");
    let mut in_path =
        form_urlencoded::parse(path.as_bytes()).map(|(name, value)| is_secret(&name) || is_secret(&value));
    if secrets.any(|is_one| is_one) || in_path.any(|is_one| is_one) {
        Err(Refusal::invalid(
            "a token must not be in a URL; send `Authorization: Bearer …`, and revoke the one just sent",
        ))
    } else {
        Ok(())
    }
}

const fn is_secret_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn secrets_in_urls_are_refused() {
        let refused = |uri: &str| reject(&TestRequest::with_uri(uri).to_http_request()).is_err();
        let secret = Secret::random().unwrap();
        let one = secret.reveal();
        for uri in [
            "/?token=",
            "/?a=b&Access_Token=x",
            "/?j%77t=x",
            "/?token",
            &format!("/?q=prl%5F{}", &one[4..]),
            // Bare, as a name, within a value, and in the path.
            &format!("/?{one}"),
            &format!("/?{one}=x"),
            &format!("/?&{one}&"),
            &format!("/?q=Bearer+{one}"),
            &format!("/?q=a;b,{one}"),
            &format!("/?q={one}%00"),
            &format!("/users/{one}"),
            &format!("/users/prl%5f{}", &one[4..]),
        ] {
            assert!(refused(uri), "{uri}");
        }
        for uri in
            ["/", "/?query=prl_bob", "/?usernames=prl_bob,prl_lisa", "/?cursor=token", "/users/prl_bob", "/%2B?a"]
        {
            assert!(!refused(uri), "{uri}");
        }
    }
}
