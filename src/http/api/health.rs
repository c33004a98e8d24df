//! Health checks for supervisors and load balancers, without a login.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Refusal;
use crate::edge::problem::Problem;
use crate::service::Services;

/// All is well.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthReply {
    /// Always `ok`.
    status: &'static str,
}

/// Whether the process answers at all. If not, restart it.
#[utoipa::path(
    get, path = "/healthz", security(()), responses((status = 200, description = "It does.", body = HealthReply))
)]
pub(super) async fn healthz() -> HttpResponse {
    well()
}

/// Whether requests can be served now: the database answers, and commits hold. If not, send them elsewhere.
#[utoipa::path(
    get, path = "/readyz", security(()),
    responses(
        (status = 200, description = "They can.", body = HealthReply),
        (status = 503, description = "`unavailable`: the database does not answer, or cannot be written to."),
    )
)]
pub(super) async fn readyz(services: web::Data<Services>) -> Result<HttpResponse, Problem> {
    if services.store.is_ready().await { Ok(well()) } else { Err(Problem(Refusal::Unavailable)) }
}

fn well() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(HealthReply { status: "ok" })
}
