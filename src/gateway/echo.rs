//! `GET /conformance/echo`: says back what it is told, on the production socket code, so that protocol suites can be run
//! against it. Only with the cargo feature `conformance`, which is never in a release.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::connection::{Connection, House};
use super::upgrade::{Knock, Takeover};
use crate::edge::client;
use crate::model::Tongue;
use crate::websocket::frame;
use crate::websocket::inbox::Incoming;

/// The handshake of an echo.
pub async fn knock(request: HttpRequest, house: web::ThinData<Rc<House>>) -> Result<HttpResponse, actix_web::Error> {
    let house = Rc::clone(&house.0);
    let address = client::address(&request, &house.desks.config);
    let mut response = ws::handshake(&request)?.finish();
    let silent = house.waiting.admit(address, None);
    let knock = Knock { identity: None, address, silent, tongue: Tongue::Native, echo: true };
    Takeover::leave(&mut response, move |io, first| Connection::start(house, knock, io, first));
    Ok(response)
}

impl Connection {
    /// Says a message back; a control frame comes back to be handled as always.
    pub(super) fn echo(&self, incoming: Incoming) -> Option<Incoming> {
        let frame = match incoming {
            Incoming::Text(text) => frame::data(false, text.as_bytes()),
            Incoming::Binary(bytes) => frame::data(true, &bytes),
            control => return Some(control),
        };
        self.link.push(frame);
        self.link.wake();
        None
    }
}
