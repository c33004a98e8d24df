//! What a client sends: one JSON object, bounded in size and in time.
//!
//! Extracting a [`Body`] reads nothing. actix runs all extractors of a handler at once, so one that read would let a
//! stranger's megabytes in while it is still being found out that they are a stranger's; the handler calls
//! [`Body::read`] when it wants to know.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::desks::Desks;
use crate::model::Refusal;
use crate::payload::Unread;
use crate::problem::Problem;

/// A body that is yet to be read.
pub struct Body<T> {
    unread: Unread,
    is_json: bool,
    expected: PhantomData<T>,
}

impl<T> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let Some(desks) = req.app_data::<web::Data<Desks>>() else {
            return ready(Err(Problem(Refusal::Internal)));
        };
        let unread = Unread::of(req, payload.take(), desks.config.limits.frame_bytes);
        ready(Ok(Self { unread, is_json: is_json(req), expected: PhantomData }))
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// The body, once it is here.
    ///
    /// # Errors
    /// `unsupported_media_type`, `too_large`, and `invalid_request` naming the field, also for a body that has not
    /// arrived after ten seconds.
    pub async fn read(self) -> Result<T, Problem> {
        if !self.is_json {
            return Err(Problem(Refusal::UnsupportedMediaType));
        }
        Ok(parse(&self.unread.read().await?)?)
    }
}

fn is_json(req: &HttpRequest) -> bool {
    req.content_type().eq_ignore_ascii_case("application/json")
}

/// Refuses a body of another type, also on routes that read none.
///
/// # Errors
/// `unsupported_media_type`.
pub fn check_type(req: &HttpRequest) -> Result<(), Refusal> {
    if req.headers().contains_key(CONTENT_TYPE) && !is_json(req) { Err(Refusal::UnsupportedMediaType) } else { Ok(()) }
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // An array would pass for an object whose fields stand in order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::invalid("the body must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut json).map_err(|error| wrong(&error))?;
    json.end().map_err(|error| Refusal::invalid(error.to_string()))?;
    Ok(body)
}

/// Names the field where the error is about one; a missing one is named by the error itself.
pub(super) fn wrong<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Refusal {
    let path = error.path().to_string();
    if path == "." {
        Refusal::invalid(error.inner().to_string())
    } else {
        Refusal::invalid(format!("`{path}`: {}", error.inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Said {
        text: String,
        key: Option<i64>,
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, name) in
            [("{}", "text"), (r#"{"text":7}"#, "text"), (r#"{"text":"a","key":"b"}"#, "key"), (r#"["a",1]"#, "object")]
        {
            let Err(Refusal::Invalid(detail)) = parse::<Said>(body.as_bytes()) else {
                panic!("{body} passes");
            };
            assert!(detail.contains(name), "{detail}");
        }
        assert!(parse::<Said>(br#"{"text":"a"} {"#).is_err());
        assert!(parse::<Said>(br#" {"text":"a","other":[{}]} "#).is_ok());
    }
}
