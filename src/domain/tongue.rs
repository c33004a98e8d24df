//! Which dialect a connection speaks.

/// The dialect of a connection: fixed when it is let in, or, for contacts, by the first word of whoever comes without a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Tongue {
    /// Parlor's own, whatever carries it.
    #[default]
    Native,
    /// The contact list.
    Contacts,
    /// The lobby.
    Lobby,
    /// Sessions over a plain WebSocket.
    Sessions,
    /// Room codes.
    Rooms,
}
