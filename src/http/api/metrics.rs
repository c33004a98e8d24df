//! What a monitoring system asks: on an address of its own, or on this server's where a token is set. Nothing of it is for
//! everybody, since numbers tell of people too.

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use crate::chat::Chat;
use crate::config::MetricsToken;
use crate::domain::Refusal;
use crate::edge::methods;
use crate::edge::problem::{self, Problem};
use crate::metrics;
use crate::service::Services;

/// The numbers of this server as Prometheus reads them. Needs `Authorization: Bearer` with the token of
/// `PARLOR_METRICS_TOKEN`; without that setting there is nothing here.
#[utoipa::path(
    get, path = "/metrics", security(()),
    responses(
        (status = 200, description = "Prometheus text.", body = String, content_type = "text/plain"),
        (status = 401, description = "`unauthenticated`: not the token."),
        (status = 404, description = "`not_found`: no token is set."),
    )
)]
pub(crate) async fn show_metrics(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
) -> Result<HttpResponse, Problem> {
    let token = services.config.metrics_token.as_ref().ok_or(Refusal::NotFound)?;
    check(&req, token)?;
    Ok(show(&services, &chat).await)
}

/// Mounts the same on an address of its own, which asks for the token only where one is set. The app must hold
/// `Data<Services>` and `Data<Chat>`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/metrics", methods::get().to(show_here)).default_service(web::to(problem::nothing_here));
}

async fn show_here(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
) -> Result<HttpResponse, Problem> {
    if let Some(token) = &services.config.metrics_token {
        check(&req, token)?;
    }
    Ok(show(&services, &chat).await)
}

fn check(req: &HttpRequest, token: &MetricsToken) -> Result<(), Refusal> {
    let mut lines = req.headers().get_all(AUTHORIZATION);
    let said = lines.next().filter(|_| lines.next().is_none()).and_then(|line| line.to_str().ok());
    let (scheme, said) = said.and_then(|line| line.split_once(' ')).unwrap_or_default();
    // Hashes are compared: how long that takes tells nothing of the token.
    let fits = Sha256::digest(said.trim()) == Sha256::digest(token.reveal());
    if fits && scheme.eq_ignore_ascii_case("Bearer") { Ok(()) } else { Err(Refusal::Unauthenticated) }
}

async fn show(services: &Services, chat: &Chat) -> HttpResponse {
    let (rooms, online) = chat.census().await;
    metrics::ROOMS.set(rooms);
    metrics::ONLINE.set(online);
    metrics::WRITER_QUEUE.set(services.store.writer().waiting());
    metrics::READS.set(services.store.reads());
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(metrics::text())
}
