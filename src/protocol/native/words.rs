//! The words by which frames are told apart, each side's in one list: what is read and written, and what is documented.

/// An enum of words, with what each does.
macro_rules! words {
    ($(#[$about:meta])* $name:ident: $($variant:ident $word:literal $does:literal,)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $(#[doc = $does] $variant),+
        }

        impl $name {
            /// All of them, in the order in which one learns them.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word itself.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// What it does.
            pub(crate) const fn does(self) -> &'static str {
                match self {
                    $(Self::$variant => $does),+
                }
            }

            /// The word that is written so.
            pub(crate) fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// What a client says.
    Say:
    Hello "hello" "Authenticates the connection; the first frame. No token where a header or cookie carried it. Answered by `ready`.",
    Send "send" "Sends a message to a session, or to a user.",
    Edit "edit" "Replaces the text of one of my messages.",
    Delete "delete" "Deletes a message: a tombstone stays, the text is gone everywhere.",
    React "react" "Reacts to a message, or takes a reaction back.",
    Read "read" "Moves my read mark forward. Without an `id` answered only when refused.",
    Received "received" "Moves my received mark forward. Without an `id` answered only when refused.",
    Typing "typing" "Signals that I am typing. Without an `id` answered only when refused.",
    Sync "sync" "Catches up: one `changes`, `reset` or `session_removed` for each session named, then `ok`.",
    History "history" "Messages of a session; without `before` and `after` the newest.",
    Sessions "sessions" "My sessions, latest activity first.",
    Members "members" "The members of a session, by name.",
    Invites "invites" "Invites to me, or sent by me; newest first.",
    Search "search" "Messages of my sessions that contain all of the words, newest first.",
    Invite "invite" "Invites a user to a direct session, or to a group.",
    Answer "answer" "Answers an invite.",
    Open "open" "Opens the direct session with a user, or creates a group or a room.",
    Join "join" "Joins the room that has this code.",
    Leave "leave" "Leaves a group or room.",
    Remove "remove" "Removes a member from a group or room.",
    Role "role" "Changes a member's role; `owner` transfers ownership.",
    Title "title" "Changes the title of a group or room.",
    Ping "ping" "Answered by `pong`.",
    Goodbye "goodbye" "Ends the connection without the presence grace period.",
}

words! {
    /// What the server says.
    Tell:
    Ready "ready" "Answers `hello`: everything a client needs, in one snapshot. Later events continue from its `rev`s.",
    Ok "ok" "The command with this `id` succeeded; with its result. It takes the event's place in the stream.",
    Error "error" "The command with this `id` was refused, or a frame could not be understood.",
    Message "message" "A new message.",
    MessageChanged "message_changed" "A message was edited, deleted or reacted to: as it is now.",
    Changes "changes" "Answers `sync`: what changed in a session after `from`. With `more`, ask again from `to`.",
    Reset "reset" "Answers `sync`: discard the local copy of this session and load it afresh.",
    SessionAdded "session_added" "I am now a member of this session. Comes before its first event.",
    SessionChanged "session_changed" "The title or code of a session changed.",
    SessionRemoved "session_removed" "I am no longer a member of this session.",
    Member "member" "A member joined, left or has another role.",
    Receipt "receipt" "How far a member has read and received.",
    Typing "typing" "A member is typing; valid for six seconds.",
    Presence "presence" "A user whose presence I see came online or went offline.",
    Invite "invite" "An invite to me.",
    InviteAnswered "invite_answered" "An invite of mine was answered.",
    Pong "pong" "Answers `ping`.",
}
