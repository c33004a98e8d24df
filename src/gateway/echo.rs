//! `GET /conformance/echo`: says back what it is told, on the production socket code, so that protocol suites can be run
//! against it. Only with the cargo feature `conformance`, which is never in a release.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::connection::{Connection, GatewayContext};
use super::upgrade::{Knock, Takeover};
use crate::edge::client;
use crate::protocol::echo::Echo;

/// The handshake of an echo.
pub(crate) async fn knock(
    request: HttpRequest,
    context: web::ThinData<Rc<GatewayContext>>,
) -> Result<HttpResponse, actix_web::Error> {
    let context = Rc::clone(&context.0);
    let address = client::address(&request, &context.services.config);
    let mut response = ws::handshake(&request)?.finish();
    let pending = context.admission.admit(address, None);
    let knock = Knock { identity: None, address, pending, protocol: Box::new(Echo) };
    Takeover::leave(&mut response, move |io, first| Connection::start(context, knock, io, first));
    Ok(response)
}
