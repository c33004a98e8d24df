//! `GET /api/v1/ws` and `GET /ws`: the handshakes of the native dialect and of the sessions dialect.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::connection::{Connection, House};
use super::session;
use super::upgrade::{Knock, Takeover};
use crate::config::{Config, Dialect};
use crate::model::{Refusal, Tongue};
use crate::problem::Problem;
use crate::visitor;

/// Mounts the door. `House` is the thread's own.
pub fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    config.route("/api/v1/ws", web::get().to(native));
    if settings.dialects.speak(Dialect::Sessions) {
        config.route("/ws", web::get().to(sessions));
    }
    session::routes(config);
    #[cfg(feature = "conformance")]
    config.route("/conformance/echo", web::get().to(super::echo::knock));
}

async fn native(request: HttpRequest, house: web::ThinData<Rc<House>>) -> Result<HttpResponse, actix_web::Error> {
    knock(&request, house.0, &["parlor.v1"], Tongue::Native).await
}

async fn sessions(request: HttpRequest, house: web::ThinData<Rc<House>>) -> Result<HttpResponse, actix_web::Error> {
    knock(&request, house.0, &[], Tongue::Sessions).await
}

async fn knock(
    request: &HttpRequest,
    house: Rc<House>,
    protocols: &[&str],
    tongue: Tongue,
) -> Result<HttpResponse, actix_web::Error> {
    visitor::reject_url_token(request).map_err(Problem)?;
    visitor::check_origin(request, &house.desks.config).map_err(Problem)?;
    let identity = visitor::identify(request, &house.desks).await.map_err(Problem)?;
    let address = visitor::address(request, &house.desks.config);
    let mut response = ws::handshake_with_protocols(request, protocols)?.finish();
    if house.waiting.is_closing() {
        return Err(Problem(Refusal::Unavailable).into());
    }
    let silent = house.waiting.admit(address, identity.as_ref().map(|who| who.user.id));
    let knock = Knock {
        identity,
        address,
        silent,
        tongue,
        #[cfg(feature = "conformance")]
        echo: false,
    };
    Takeover::leave(&mut response, move |io, first| Connection::start(house, knock, io, first));
    Ok(response)
}
