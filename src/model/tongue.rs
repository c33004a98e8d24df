//! Which dialect a connection speaks.

/// The dialect of a connection, fixed when it says who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tongue {
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
