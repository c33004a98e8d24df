//! `GET /conformance/echo`: returns every message on the production socket code, for protocol suites. Only with the cargo feature
//! `conformance`, which is never in a release.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::connection::{Connection, GatewayContext};
use super::upgrade::{AcceptedHandshake, Takeover};
use crate::edge::client;
use crate::protocol::echo::Echo;

pub(super) async fn handshake(
    request: HttpRequest,
    context: web::ThinData<Rc<GatewayContext>>,
) -> Result<HttpResponse, actix_web::Error> {
    let context = Rc::clone(&context.0);
    let address = client::address(&request, &context.services.config);
    let mut response = ws::handshake(&request)?.finish();
    let pending = context.admission.admit(address, None);
    let handshake = AcceptedHandshake { identity: None, address, pending, protocol: Box::new(Echo) };
    Takeover::attach(&mut response, move |io, first| Connection::start(context, handshake, io, first));
    Ok(response)
}
