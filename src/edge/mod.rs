//! What holds for every request, over HTTP and for the handshakes of sockets: who sends it ([`client`], [`origin`]) and for whom
//! ([`auth`], [`cookies`]), what it may carry ([`body`], [`url_token`]), the methods of its route ([`methods`]), what every answer
//! says ([`finish`], [`mod@api`], [`cors`]), how it is refused ([`problem`]), and the connection it comes on ([`EdgeStream`]).

mod answers;
mod api;
pub(crate) mod auth;
pub(crate) mod body;
mod carried;
pub(crate) mod client;
pub(crate) mod cookies;
pub(crate) mod cors;
mod hangup;
pub(crate) mod http_connections;
pub(crate) mod methods;
pub(crate) mod origin;
pub(crate) mod problem;
pub(crate) mod services;
mod stream;
mod unparsed;
pub(crate) mod url_token;

pub(crate) use answers::{finish, harden};
pub(crate) use api::api;
pub(crate) use carried::Carried;
pub(crate) use hangup::Hangup;
pub(crate) use stream::EdgeStream;
