//! Request bodies: one JSON object, bounded in size and in time. Extracting a [`JsonBody`] reads nothing: actix runs all extractors
//! of a handler at once, so megabytes would be read before the request is authenticated.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::domain::{Refusal, malformed};
use crate::edge::body::UnreadBody;
use crate::edge::problem::Problem;

pub(super) struct JsonBody<T> {
    unread: UnreadBody,
    is_json: bool,
    expected: PhantomData<T>,
}

impl<T> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = |unread| Self { unread, is_json: is_json(req), expected: PhantomData };
        ready(UnreadBody::like_frame(req, payload.take()).map(body))
    }
}

impl<T: DeserializeOwned> JsonBody<T> {
    /// # Errors
    /// `unsupported_media_type`, `too_large`, and `invalid_request` naming the field, also for a body that has not
    /// arrived after ten seconds.
    pub(super) async fn read(self) -> Result<T, Problem> {
        if !self.is_json {
            return Err(Problem(Refusal::UnsupportedMediaType));
        }
        Ok(parse(&self.unread.read().await?)?)
    }
}

fn is_json(req: &HttpRequest) -> bool {
    req.content_type().eq_ignore_ascii_case("application/json")
}

/// Refuses bodies of other types on all routes of the API, also where no body is read.
pub(super) async fn only_json(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if req.headers().contains_key(CONTENT_TYPE) && !is_json(req.request()) {
        // A response and no error, so that outer middleware treats it like any other.
        return Ok(req.error_response(Problem(Refusal::UnsupportedMediaType)));
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // Serde would read an array as the fields of an object in order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::invalid("the body must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        // For a number in place of a name the parser reports a syntax error.
        let is_json = error.inner().is_data() || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        if is_json { wrong("the body", &error) } else { Refusal::invalid("the body is not valid JSON") }
    })?;
    json.end().map_err(|_| Refusal::invalid("the body must be one JSON object, and nothing behind it"))?;
    Ok(body)
}

/// Names the field of `whole` that is wrong, and what it must be.
pub(super) fn wrong<E: std::fmt::Display>(whole: &str, error: &serde_path_to_error::Error<E>) -> Refusal {
    malformed(whole, &error.path().to_string(), &error.inner().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Sample {
        text: String,
        key: Option<i64>,
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (body, name) in
            [("{}", "text"), (r#"{"text":7}"#, "text"), (r#"{"text":"a","key":"b"}"#, "key"), (r#"["a",1]"#, "object")]
        {
            let Err(Refusal::Invalid(detail)) = parse::<Sample>(body.as_bytes()) else {
                panic!("{body} passes");
            };
            assert!(detail.contains(name), "{detail}");
        }
        assert!(parse::<Sample>(br#"{"text":"a"} {"#).is_err());
        assert!(parse::<Sample>(br#" {"text":"a","other":[{}]} "#).is_ok());
    }
}
