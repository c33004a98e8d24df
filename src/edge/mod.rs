//! What holds for every request, over HTTP and for the handshakes of sockets: who sends it ([`client`], [`origin`]) and for whom
//! ([`auth`], [`cookies`]), what it may carry ([`body`], [`url_token`]), the methods of its route ([`methods`]), what every answer
//! says ([`finish`], [`mod@api`], [`cors`]), how it is refused ([`problem`]), and the connection it comes on ([`EdgeStream`]).

mod answers;
mod api;
pub mod auth;
pub mod body;
mod carried;
pub mod client;
pub mod cookies;
pub mod cors;
mod hangup;
pub mod http_connections;
pub mod methods;
pub mod origin;
pub mod problem;
pub mod services;
mod stream;
mod unparsed;
pub mod url_token;

pub use answers::{finish, harden};
pub use api::api;
pub use carried::Carried;
pub use hangup::Hangup;
pub use stream::EdgeStream;
