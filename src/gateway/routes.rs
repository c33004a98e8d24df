//! The handshakes of the dialects that are spoken over a plain WebSocket, each at its path.

use std::rc::Rc;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use actix_web_actors::ws::{self, HandshakeError};

use super::connection::{Connection, GatewayContext};
use super::socketio;
use super::upgrade::{Knock, Takeover};
use crate::config::Config;
use crate::domain::Refusal;
use crate::edge::problem::{Problem, no_handshake, wrong_method};
use crate::edge::{auth, client, methods, origin, url_token};
use crate::protocol::registry::{self, Endpoint};

/// Mounts the WebSocket endpoints and Socket.IO. `GatewayContext` is the thread's own.
pub(crate) fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    for endpoint in registry::endpoints(settings) {
        let knock =
            move |request: HttpRequest, context: web::ThinData<Rc<GatewayContext>>| knock(request, context.0, endpoint);
        config.service(at(endpoint.path).route(methods::get().to(knock)));
    }
    socketio::routes(config);
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
async fn other_method(
    request: HttpRequest,
    context: web::ThinData<Rc<GatewayContext>>,
) -> Result<HttpResponse, Problem> {
    origin::check_origin(&request, &context.0.services.config)?;
    if request.method() == Method::OPTIONS {
        let allow = (header::ALLOW, METHODS.join(", ").to_uppercase());
        return Ok(HttpResponse::NoContent().insert_header(allow).finish());
    }
    Ok(wrong_method(&METHODS))
}

async fn knock(
    request: HttpRequest,
    context: Rc<GatewayContext>,
    endpoint: Endpoint,
) -> Result<HttpResponse, actix_web::Error> {
    let request = &request;
    url_token::reject(request).map_err(Problem)?;
    origin::check_origin(request, &context.services.config).map_err(Problem)?;
    let mut response = match ws::handshake_with_protocols(request, endpoint.subprotocols) {
        Ok(mut response) => response.finish(),
        // HEAD is answered as GET is.
        Err(HandshakeError::GetMethodRequired) => return Ok(no_handshake(&HandshakeError::NoWebsocketUpgrade)),
        Err(error) => return Ok(no_handshake(&error)),
    };
    let identity = auth::identify(request, &context.services).await.map_err(Problem)?;
    let address = client::address(request, &context.services.config);
    if context.admission.is_closing() {
        return Err(Problem(Refusal::Unavailable).into());
    }
    let pending = context.admission.admit(address, identity.as_ref().map(|who| who.user.id));
    let knock = Knock { identity, address, pending, protocol: (endpoint.protocol)(context.settings()) };
    Takeover::leave(&mut response, move |io, first| Connection::start(context, knock, io, first));
    Ok(response)
}
