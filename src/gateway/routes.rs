//! The WebSocket handshakes, at the path of each dialect.

use std::rc::Rc;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, HandshakeError};

use super::connection::{Connection, GatewayContext};
use super::socketio;
use super::upgrade::{AcceptedHandshake, Takeover};
use crate::config::Config;
use crate::domain::Refusal;
use crate::edge::problem::{Problem, handshake_required, method_not_allowed};
use crate::edge::{auth, client, methods, origin, url_token};
use crate::protocol::registry::{self, Endpoint};

/// Mounts the WebSocket endpoints and Socket.IO. The app's [`GatewayContext`] is that of its thread.
pub(crate) fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    for endpoint in registry::endpoints(settings) {
        let handler = move |request: HttpRequest, context: web::ThinData<Rc<GatewayContext>>| {
            handshake(request, context.0, endpoint)
        };
        let paths = [endpoint.path.to_owned(), format!("{}/", endpoint.path)];
        let resource = web::resource(paths).default_service(web::to(other_method));
        config.service(resource.route(methods::get().to(handler)));
    }
    socketio::routes(config);
    #[cfg(feature = "conformance")]
    config.route("/conformance/echo", web::get().to(super::echo::handshake));
}

const METHODS: [&str; 3] = ["get", "head", "options"];

/// A browser does not let a page see why its WebSocket was refused, so a page may send OPTIONS: it is refused for the same origins,
/// and succeeds where the server can be reached. Without CORS, so that pages of other origins learn nothing.
async fn other_method(
    request: HttpRequest,
    context: web::ThinData<Rc<GatewayContext>>,
) -> Result<HttpResponse, Problem> {
    origin::check_origin(&request, &context.0.services.config)?;
    if request.method() == Method::OPTIONS {
        let allow = (header::ALLOW, METHODS.join(", ").to_uppercase());
        return Ok(HttpResponse::NoContent().insert_header(allow).finish());
    }
    Ok(method_not_allowed(&METHODS))
}

async fn handshake(
    request: HttpRequest,
    context: Rc<GatewayContext>,
    endpoint: Endpoint,
) -> Result<HttpResponse, actix_web::Error> {
    let request = &request;
    url_token::reject(request).map_err(Problem)?;
    origin::check_origin(request, &context.services.config).map_err(Problem)?;
    let mut response = match ws::handshake_with_protocols(request, endpoint.subprotocols) {
        Ok(mut response) => response.finish(),
        // HEAD has the response of GET.
        Err(HandshakeError::GetMethodRequired) => return Ok(handshake_required(&HandshakeError::NoWebsocketUpgrade)),
        Err(error) => return Ok(handshake_required(&error)),
    };
    let identity = auth::identify(request, &context.services).await.map_err(Problem)?;
    let address = client::address(request, &context.services.config);
    if context.admission.is_closing() {
        return Err(Problem(Refusal::Unavailable).into());
    }
    let pending = context.admission.admit(address, identity.as_ref().map(|who| who.user.id));
    let handshake = AcceptedHandshake { identity, address, pending, protocol: (endpoint.protocol)(context.settings()) };
    Takeover::attach(&mut response, move |io, first| Connection::start(context, handshake, io, first));
    Ok(response)
}
