//! What a search finds.

use serde::Serialize;
use utoipa::ToSchema;

use super::Message;

/// A piece of a found text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Piece {
    /// As it stands in the text.
    pub text: String,
    /// It is what was searched for.
    pub hit: bool,
}

/// A message that was found, and the part of it to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Hit {
    /// The whole message.
    #[serde(flatten)]
    pub message: Message,
    /// The words around the first hit, in order.
    pub snippet: Vec<Piece>,
}
