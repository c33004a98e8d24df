//! `GET /api/v1/ws` and `GET /ws`: the handshakes of the native dialect and of the sessions dialect.

use std::rc::Rc;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use actix_web_actors::ws::{self, HandshakeError};

use super::connection::{Connection, House};
use super::session;
use super::upgrade::{Knock, Takeover};
use crate::config::{Config, Dialect};
use crate::edge::problem::{Problem, no_handshake, wrong_method};
use crate::edge::{auth, client, methods, origin, url_token};
use crate::model::{Refusal, Tongue};

/// Mounts the door. `House` is the thread's own.
pub fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    config.service(at("/api/v1/ws").route(methods::get().to(native)));
    if settings.dialects.speak(Dialect::Sessions) {
        config.service(at("/ws").route(methods::get().to(sessions)));
    }
    session::routes(config);
    #[cfg(feature = "conformance")]
    config.route("/conformance/echo", web::get().to(super::echo::knock));
}

/// At this path, with a slash behind it or without.
fn at(path: &str) -> Resource {
    web::resource([path.to_owned(), format!("{path}/")]).default_service(web::to(other_method))
}

const METHODS: [&str; 3] = ["get", "head", "options"];

/// A browser does not tell a page why its socket was refused. So a page may ask: OPTIONS has the same refusal of its origin, or
/// says that the server can be reached. Without CORS, so that pages of other origins learn nothing.
async fn other_method(request: HttpRequest, house: web::ThinData<Rc<House>>) -> Result<HttpResponse, Problem> {
    origin::check_origin(&request, &house.0.desks.config)?;
    if request.method() == Method::OPTIONS {
        let allow = (header::ALLOW, METHODS.join(", ").to_uppercase());
        return Ok(HttpResponse::NoContent().insert_header(allow).finish());
    }
    Ok(wrong_method(&METHODS))
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
    url_token::reject(request).map_err(Problem)?;
    origin::check_origin(request, &house.desks.config).map_err(Problem)?;
    let mut response = match ws::handshake_with_protocols(request, protocols) {
        Ok(mut response) => response.finish(),
        // HEAD is answered as GET is.
        Err(HandshakeError::GetMethodRequired) => return Ok(no_handshake(&HandshakeError::NoWebsocketUpgrade)),
        Err(error) => return Ok(no_handshake(&error)),
    };
    let identity = auth::identify(request, &house.desks).await.map_err(Problem)?;
    let address = client::address(request, &house.desks.config);
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
