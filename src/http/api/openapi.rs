//! `/openapi.json`, made from the documentation of the handlers. Responses that all routes have in common are added here.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, Content, Header, Ref, RefOr, Response};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use super::{API, ApiDocument, RootDocument, docs, frames, unions};
use crate::edge::cookies::LOGIN_COOKIE;
use crate::edge::problem::{PROBLEM_JSON, ProblemDocument};

pub(super) fn document() -> Value {
    let mut api = ApiDocument::openapi();
    share(&mut api);
    let mut all = RootDocument::openapi().nest(API, api);
    refuse(&mut all);
    // Frames are no part of OpenAPI's own types; from here on it is a tree like any other.
    let mut all = serde_json::to_value(all).unwrap_or_default();
    frames::add(&mut all);
    unions::name_variants(&mut all, "Resync", "type");
    all
}

/// Adds the security schemes, and refusals that any route of the API may give.
fn share(api: &mut openapi::OpenApi) {
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("What a login gives.")).build();
    let cookie = ApiKeyValue::with_description(
        LOGIN_COOKIE,
        "Set by a login; counts only for same-origin requests. Without it the room-code form's `parlor_rooms` counts alike.",
    );
    let components = api.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    for operation in operations(api) {
        let (needs_login, has_body) = (operation.security.is_none(), operation.request_body.is_some());
        let mut may = |status: &str, why: &str| {
            operation.responses.responses.entry(status.to_owned()).or_insert_with(|| Response::new(why).into());
        };
        may("400", "`invalid_request`: says which field and why; also for a token in the URL.");
        if needs_login {
            may("401", "`unauthenticated`: no token, or none that counts.");
            may("429", "`rate_limited`.");
        }
        if has_body {
            may("413", "`too_large`.");
        }
        may("415", "`unsupported_media_type`: a body that is not JSON.");
        may("500", "`internal`.");
        may("503", "`busy`: nothing was kept; `unavailable`.");
    }
}

/// Makes every error response a problem document.
fn refuse(api: &mut openapi::OpenApi) {
    for operation in operations(api) {
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response
                && status.starts_with(['4', '5'])
            {
                let schema = Ref::from_schema_name(ProblemDocument::name());
                response.content.insert(PROBLEM_JSON.to_owned(), Content::new(Some(schema)).into());
                if ["429", "503"].contains(&status.as_str()) {
                    let header = Header::new(<i64 as PartialSchema>::schema());
                    response.headers.insert("Retry-After".to_owned(), header.into());
                }
            }
        }
    }
}

fn operations(api: &mut openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    api.paths.paths.values_mut().flat_map(|item| {
        let openapi::PathItem { get, put, post, delete, patch, .. } = item;
        [get, put, post, delete, patch].into_iter().flatten()
    })
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object))
)]
pub(super) async fn show_document() -> HttpResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());
    HttpResponse::Ok().content_type(ContentType::json()).body(DOCUMENT.as_str())
}

/// This documentation as a page.
#[utoipa::path(
    get, path = "/docs", security(()),
    responses((status = 200, description = "HTML.", body = String, content_type = "text/html"))
)]
pub(super) async fn show_docs() -> HttpResponse {
    static PAGE: LazyLock<(String, String)> = LazyLock::new(|| (docs::page(&document()), docs::policy()));
    let (page, policy) = &*PAGE;
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, policy.as_str()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(page.as_str())
}
