//! `GET /api/v1/ws`: the handshake.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::connection::{Connection, House};
use super::session;
use super::upgrade::{Knock, Takeover};
use crate::model::Refusal;
use crate::problem::Problem;
use crate::visitor;

/// Mounts the door. `House` is the thread's own.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/ws", web::get().to(knock));
    session::routes(config);
    #[cfg(feature = "conformance")]
    config.route("/conformance/echo", web::get().to(super::echo::knock));
}

async fn knock(request: HttpRequest, house: web::ThinData<Rc<House>>) -> Result<HttpResponse, actix_web::Error> {
    let house = Rc::clone(&house.0);
    visitor::reject_url_token(&request).map_err(Problem)?;
    visitor::check_origin(&request, &house.desks.config).map_err(Problem)?;
    let identity = visitor::identify(&request, &house.desks).await.map_err(Problem)?;
    let address = visitor::address(&request, &house.desks.config);
    let mut response = ws::handshake_with_protocols(&request, &["parlor.v1"])?.finish();
    if house.waiting.is_closing() {
        return Err(Problem(Refusal::Unavailable).into());
    }
    let stranger = house.waiting.admit(address).ok_or(Problem(Refusal::Busy))?;
    let knock = Knock {
        identity,
        address,
        stranger,
        #[cfg(feature = "conformance")]
        echo: false,
    };
    Takeover::leave(&mut response, move |io, first| Connection::start(house, knock, io, first));
    Ok(response)
}
