//! The native dialect: one JSON object per text frame, tagged by `type`.

mod decode;
mod encode;
mod ready;

pub use decode::{Malformed, decode};
pub use encode::{Listing, answer, error, event, listing, resync};
pub use ready::{Ready, Server};
