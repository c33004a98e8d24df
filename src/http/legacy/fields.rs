//! Bodies of requests of older systems: fields as JSON or as a form, bounded in size and in time. Like every body of this server,
//! one is read only when the handler asks for it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde_json::{Map, Value};

use crate::domain::Refusal;
use crate::edge::body::UnreadBody;
use crate::edge::problem::Problem;

pub(super) struct LegacyBody {
    unread: UnreadBody,
    kind: ContentKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ContentKind {
    Json,
    Form,
    /// Without a `Content-Type`.
    Undeclared,
    Other,
}

/// Those of a form are all strings.
pub(super) struct LegacyFields(Map<String, Value>);

impl FromRequest for LegacyBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = match req.content_type() {
            kind if kind.eq_ignore_ascii_case("application/json") => ContentKind::Json,
            kind if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") => ContentKind::Form,
            _ if req.headers().contains_key(CONTENT_TYPE) => ContentKind::Other,
            _ => ContentKind::Undeclared,
        };
        ready(UnreadBody::like_frame(req, payload.take()).map(|unread| Self { unread, kind }))
    }
}

impl LegacyBody {
    /// JSON, also without a `Content-Type`, or a form. For routes that set no cookie, since pages of other sites can send a form.
    ///
    /// # Errors
    /// `unsupported_media_type`, `too_large`, `invalid_request`.
    pub(super) async fn read(self) -> Result<LegacyFields, Refusal> {
        match self.kind {
            ContentKind::Json | ContentKind::Undeclared => LegacyFields::from_json(&self.unread.read().await?),
            ContentKind::Form => LegacyFields::from_form(&self.unread.read().await?),
            ContentKind::Other => Err(Refusal::UnsupportedMediaType),
        }
    }

    /// Like [`LegacyBody::read`], but JSON only.
    pub(super) async fn read_json(self) -> Result<LegacyFields, Refusal> {
        match self.kind {
            ContentKind::Json => LegacyFields::from_json(&self.unread.read().await?),
            ContentKind::Form | ContentKind::Undeclared | ContentKind::Other => Err(Refusal::UnsupportedMediaType),
        }
    }
}

impl LegacyFields {
    fn from_json(bytes: &[u8]) -> Result<Self, Refusal> {
        // The parser's message could quote a password.
        let fields = serde_json::from_slice(bytes).map_err(|_| Refusal::invalid("the body must be a JSON object"))?;
        Ok(Self(fields))
    }

    fn from_form(bytes: &[u8]) -> Result<Self, Refusal> {
        let text = String::from_utf8_lossy(bytes);
        let pairs = web::Query::<Vec<(String, String)>>::from_query(&text).map(web::Query::into_inner);
        let pairs = pairs.map_err(|_| Refusal::invalid("the body must be a form"))?;
        Ok(Self(pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()))
    }

    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

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
        let json = LegacyFields::from_json(br#" {"username":"Avi","password":null,"more":[1]} "#).unwrap();
        assert_eq!((json.text("username"), json.find("password")), (Ok("Avi"), Some(&Value::Null)));
        assert!(json.text("password").is_err() && json.text("more").is_err() && json.text("other").is_err());
        let form = LegacyFields::from_form(b"username=Avi&password=a+b%26c&username=Lisa").unwrap();
        assert_eq!((form.text("username"), form.text("password")), (Ok("Lisa"), Ok("a b&c")));
        for bad in ["", "[]", "null", "\"x\"", "{", "{} {}", "{\"a\":1"] {
            assert!(LegacyFields::from_json(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = "[".repeat(10_000);
        assert!(LegacyFields::from_json(format!("{{\"a\":{deep}").as_bytes()).is_err());
        for odd in ["", "&&=&x", "%zz", "\u{1F600}"] {
            assert!(LegacyFields::from_form(odd.as_bytes()).is_ok_and(|form| form.text("username").is_err()), "{odd}");
        }
    }
}
