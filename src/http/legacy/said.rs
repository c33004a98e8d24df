//! What a client of an older system sends: some fields, as JSON or as a form sends them, bounded in size and in time.
//!
//! Extracting it reads nothing, as with every body of this server: the handler calls [`Said::read`] when it wants to know.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde_json::{Map, Value};

use crate::domain::Refusal;
use crate::edge::body::Unread;
use crate::edge::problem::Problem;
use crate::edge::services;

/// A body that is yet to be read.
pub(super) struct Said {
    unread: Unread,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    /// It does not say what it is.
    Unsaid,
    Other,
}

/// The fields of a body. Those of a form are all texts.
pub(super) struct Fields(Map<String, Value>);

impl FromRequest for Said {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let services = match services::of(req) {
            Ok(services) => services,
            Err(problem) => return ready(Err(problem)),
        };
        let kind = match req.content_type() {
            kind if kind.eq_ignore_ascii_case("application/json") => Kind::Json,
            kind if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") => Kind::Form,
            _ if req.headers().contains_key(CONTENT_TYPE) => Kind::Other,
            _ => Kind::Unsaid,
        };
        ready(Ok(Self { unread: Unread::of(req, payload.take(), services.config.limits.frame_bytes), kind }))
    }
}

impl Said {
    /// The fields of JSON, also of what does not say that it is, or of a form. For routes that set no cookie: pages of
    /// others can send a form.
    ///
    /// # Errors
    /// `unsupported_media_type`, `too_large`, `invalid_request`.
    pub(super) async fn read(self) -> Result<Fields, Refusal> {
        match self.kind {
            Kind::Json | Kind::Unsaid => Fields::from_json(&self.unread.read().await?),
            Kind::Form => Fields::from_form(&self.unread.read().await?),
            Kind::Other => Err(Refusal::UnsupportedMediaType),
        }
    }

    /// The fields of JSON, and of nothing else.
    ///
    /// # Errors
    /// Those of [`Said::read`].
    pub(super) async fn read_json(self) -> Result<Fields, Refusal> {
        match self.kind {
            Kind::Json => Fields::from_json(&self.unread.read().await?),
            Kind::Form | Kind::Unsaid | Kind::Other => Err(Refusal::UnsupportedMediaType),
        }
    }
}

impl Fields {
    fn from_json(bytes: &[u8]) -> Result<Self, Refusal> {
        // What is wrong is not said in the parser's words, which may quote a password.
        let fields = serde_json::from_slice(bytes).map_err(|_| Refusal::invalid("the body must be a JSON object"))?;
        Ok(Self(fields))
    }

    fn from_form(bytes: &[u8]) -> Result<Self, Refusal> {
        let text = String::from_utf8_lossy(bytes);
        let pairs = web::Query::<Vec<(String, String)>>::from_query(&text).map(web::Query::into_inner);
        let pairs = pairs.map_err(|_| Refusal::invalid("the body must be a form"))?;
        Ok(Self(pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()))
    }

    /// A field as it was sent; `None` where it was not.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A field that must be a text.
    ///
    /// # Errors
    /// `invalid_request` naming the field.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        let text = self.find(name).and_then(Value::as_str);
        text.ok_or_else(|| Refusal::invalid(format!("`{name}` must be there, and a string")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_from_json_and_from_forms() {
        let json = Fields::from_json(br#" {"username":"Avi","password":null,"more":[1]} "#).unwrap();
        assert_eq!((json.text("username"), json.find("password")), (Ok("Avi"), Some(&Value::Null)));
        assert!(json.text("password").is_err() && json.text("more").is_err() && json.text("other").is_err());
        let form = Fields::from_form(b"username=Avi&password=a+b%26c&username=Lisa").unwrap();
        assert_eq!((form.text("username"), form.text("password")), (Ok("Lisa"), Ok("a b&c")));
        for bad in ["", "[]", "null", "\"x\"", "{", "{} {}", "{\"a\":1"] {
            assert!(Fields::from_json(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = "[".repeat(10_000);
        assert!(Fields::from_json(format!("{{\"a\":{deep}").as_bytes()).is_err());
        for odd in ["", "&&=&x", "%zz", "\u{1F600}"] {
            assert!(Fields::from_form(odd.as_bytes()).is_ok_and(|form| form.text("username").is_err()), "{odd}");
        }
    }
}
