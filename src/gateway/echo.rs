//! `GET /conformance/echo`: says back what it is told, on the production socket code, so that protocol suites can be run
//! against it. Only with the cargo feature `conformance`, which is never in a release.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::connection::{Connection, House};
use super::upgrade::{Knock, Takeover};
use crate::dialect::echo::Echo;
use crate::edge::client;

/// The handshake of an echo.
pub async fn knock(request: HttpRequest, house: web::ThinData<Rc<House>>) -> Result<HttpResponse, actix_web::Error> {
    let house = Rc::clone(&house.0);
    let address = client::address(&request, &house.desks.config);
    let mut response = ws::handshake(&request)?.finish();
    let silent = house.waiting.admit(address, None);
    let knock = Knock { identity: None, address, silent, protocol: Box::new(Echo) };
    Takeover::leave(&mut response, move |io, first| Connection::start(house, knock, io, first));
    Ok(response)
}
