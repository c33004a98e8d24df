//! What holds for every HTTP request, handshakes included: its sender ([`client`], [`origin`]) and user ([`auth`], [`cookies`]), what
//! it may contain ([`body`], [`url_token`]), the methods of its route ([`methods`]), the headers of its response
//! ([`finish_response`], [`mod@api`], [`cors`]), refusals ([`problem`]), and its connection ([`EdgeStream`]).

mod api;
pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod cookies;
pub(crate) mod cors;
mod half_close;
mod host;
pub(crate) mod http_connections;
mod malformed_requests;
pub(crate) mod methods;
pub(crate) mod origin;
pub(crate) mod problem;
mod response;
mod security_headers;
pub(crate) mod services;
mod session_credentials;
mod stream;
pub(crate) mod url_token;

pub(crate) use api::api;
pub(crate) use half_close::HalfClose;
pub(crate) use response::finish_response;
pub(crate) use security_headers::set_security_headers;
pub(crate) use session_credentials::SessionCredentials;
pub(crate) use stream::EdgeStream;
