//! Problem documents (RFC 9457), and the HTTP status of each [`Refusal`].

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::domain::Refusal;
use crate::metrics;

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(pub Refusal);

/// A refused request (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// Always `about:blank`: `code` distinguishes problems.
    r#type: &'static str,
    /// The standard phrase for the status.
    title: &'static str,
    /// The HTTP status code, as in the response.
    status: u16,
    /// What is wrong with this request, for people.
    detail: String,
    /// What is wrong, for programs. Stable.
    code: Code,
}

#[derive(Debug, Serialize)]
pub(crate) struct Code(&'static str);

/// All refusals that clients can receive, for the API's documentation.
const EVERY: [Refusal; 22] = [
    Refusal::Invalid(String::new()),
    Refusal::UnknownLogin,
    Refusal::Unauthenticated,
    Refusal::WrongPassword,
    Refusal::Forbidden(""),
    Refusal::InviteRequired,
    Refusal::Blocked,
    Refusal::NotFound,
    Refusal::UnknownUser,
    Refusal::UnknownRoom,
    Refusal::UsernameTaken,
    Refusal::AlreadyConnected,
    Refusal::KeyConflict,
    Refusal::LimitReached(""),
    Refusal::InviteClosed,
    Refusal::TooLarge(String::new()),
    Refusal::UnsupportedMediaType,
    Refusal::TooManyAttempts(0),
    Refusal::RateLimited(0),
    Refusal::Busy,
    Refusal::Unavailable,
    Refusal::Internal,
];

impl utoipa::PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let mut codes: Vec<&str> = EVERY.iter().map(Refusal::code).collect();
        codes.sort_unstable();
        codes.dedup();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).into()
    }
}

impl ToSchema for Code {}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Refusal::Invalid(_) | Refusal::UnknownLogin => StatusCode::BAD_REQUEST,
            Refusal::Unauthenticated | Refusal::WrongPassword => StatusCode::UNAUTHORIZED,
            Refusal::WrongCurrentPassword | Refusal::Forbidden(_) | Refusal::InviteRequired | Refusal::Blocked => {
                StatusCode::FORBIDDEN
            }
            Refusal::NotFound | Refusal::UnknownUser | Refusal::UnknownName(_) | Refusal::UnknownRoom => {
                StatusCode::NOT_FOUND
            }
            Refusal::UsernameTaken | Refusal::AlreadyConnected | Refusal::KeyConflict | Refusal::LimitReached(_) => {
                StatusCode::CONFLICT
            }
            Refusal::InviteClosed => StatusCode::GONE,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::TooManyAttempts(_) | Refusal::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Busy | Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Unknown | Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        metrics::REFUSALS.count(self.0.code());
        let mut response = response(self.status_code(), self.0.code(), self.0.to_string());
        let headers = response.headers_mut();
        if let Some(wait) = self.0.retry_after_ms() {
            headers.insert(RETRY_AFTER, wait.div_ceil(1_000).into());
        }
        if self.0 == Refusal::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

pub(crate) fn document(status: u16, code: &'static str, detail: String) -> String {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let document = ProblemDocument { r#type: "about:blank", title, status, detail, code: Code(code) };
    serde_json::to_string(&document).unwrap_or_default()
}

pub(super) fn response(status: StatusCode, code: &'static str, detail: String) -> HttpResponse {
    HttpResponse::build(status).content_type(PROBLEM_JSON).body(document(status.as_u16(), code, detail))
}

pub(crate) fn method_not_allowed(allowed: &[&str]) -> HttpResponse {
    let allowed = allowed.join(", ").to_uppercase();
    let detail = format!("This path supports {allowed}.");
    let mut response = response(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", detail);
    if let Ok(allowed) = allowed.parse() {
        response.headers_mut().insert(actix_web::http::header::ALLOW, allowed);
    }
    response
}

pub(crate) fn misdirected() -> HttpResponse {
    let detail = "This server is not known by that name. If it should be, its operator finds the reason in the log.";
    response(StatusCode::MISDIRECTED_REQUEST, "forbidden", detail.to_owned())
}

/// The response at a WebSocket's path to a request that is no handshake.
pub(crate) fn handshake_required(why: &dyn fmt::Display) -> HttpResponse {
    let detail = format!(
        "This is the address of a WebSocket: {why}. If the client did ask for one, a proxy in between does not pass `Upgrade` \
         and `Connection` on."
    );
    let mut response = response(StatusCode::BAD_REQUEST, "invalid_request", detail);
    let headers = response.headers_mut();
    headers.insert(actix_web::http::header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(actix_web::http::header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

pub(crate) async fn no_such_path() -> Problem {
    Problem(Refusal::NotFound)
}

impl actix_web::Responder for Problem {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &actix_web::HttpRequest) -> HttpResponse {
        self.error_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_to_whole_seconds() {
        for (wait, seconds) in [(1, "1"), (1_000, "1"), (1_001, "2")] {
            let response = Problem(Refusal::RateLimited(wait)).error_response();
            assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), seconds);
        }
    }

    #[actix_web::test]
    async fn a_problem_has_the_format_of_the_standard() {
        let response = Problem(Refusal::UsernameTaken).error_response();
        assert_eq!(response.headers().get("content-type").unwrap(), PROBLEM_JSON);
        let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        let wire = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"This name is taken or reserved. Choose another.","code":"username_taken"}"#;
        assert_eq!(body, wire);
    }
}
