//! Metrics, on an address of their own or on this server's where a token is set; never public, since numbers reveal users too.

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
    if services.config.metrics_token.is_none() {
        return Err(Problem(Refusal::NotFound));
    }
    show_here(req, services, chat).await
}

/// The same on an address of its own, which requires the token only where one is set.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/metrics", methods::get().to(show_here)).default_service(web::to(problem::no_such_path));
}

async fn show_here(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
) -> Result<HttpResponse, Problem> {
    if let Some(token) = &services.config.metrics_token {
        check(&req, token)?;
    }
    let (rooms, online) = chat.live_counts().await;
    metrics::ROOMS.set(rooms);
    metrics::ONLINE.set(online);
    metrics::WRITER_QUEUE.set(services.store.writer().queued());
    metrics::READS.set(services.store.reads());
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(metrics::text()))
}

fn check(req: &HttpRequest, token: &MetricsToken) -> Result<(), Refusal> {
    let mut lines = req.headers().get_all(AUTHORIZATION);
    let line = lines.next().filter(|_| lines.next().is_none()).and_then(|line| line.to_str().ok());
    let (scheme, token_sent) = line.and_then(|line| line.split_once(' ')).unwrap_or_default();
    // Compares hashes, whose timing reveals nothing of the token.
    let fits = Sha256::digest(token_sent.trim()) == Sha256::digest(token.reveal());
    if fits && scheme.eq_ignore_ascii_case("Bearer") { Ok(()) } else { Err(Refusal::Unauthenticated) }
}
