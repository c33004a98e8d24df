//! The native dialect: one JSON object per text frame, tagged by `type`.

mod decode;
mod document;
mod encode;
mod ready;
mod schema;
mod words;

pub use decode::{Malformed, decode, decode_as};
pub use document::schemas;
pub use encode::{Listing, answer, error, event, listing, resync};
pub use ready::{Ready, Server};
pub use words::{Say, Tell};
