//! The words by which frames are told apart, each side's in one list: what is read and written, and what is documented.

/// An enum of words, with what each does.
macro_rules! words {
    ($(#[$about:meta])* $name:ident: $($variant:ident $word:literal $does:literal,)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $does] $variant),+
        }

        impl $name {
            /// All of them, in the order in which one learns them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word itself.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// What it does.
            pub const fn does(self) -> &'static str {
                match self {
                    $(Self::$variant => $does),+
                }
            }

            /// The word that is written so.
            pub fn parse(text: &str) -> Option<Self> {
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
    Hello "hello" "Says who one is; the first frame. No token where header or cookie said it. Answered by `ready`.",
    Send "send" "Says something in a session, or to a user.",
    Edit "edit" "Gives one of my messages another text.",
    Delete "delete" "Deletes a message: its place stays, its text is gone everywhere.",
    React "react" "Reacts to a message, or takes a reaction back.",
    Read "read" "Moves my read mark forward. Without an `id` answered only when refused.",
    Received "received" "Moves my received mark forward. Without an `id` answered only when refused.",
    Typing "typing" "Tells that I am writing. Without an `id` answered only when refused.",
    Sync "sync" "Catches up: one `changes`, `reset` or `session_removed` for each session named, then `ok`.",
    History "history" "Messages of a session; without `before` and `after` the newest.",
    Sessions "sessions" "My sessions, latest activity first.",
    Members "members" "Who is in a session, by name.",
    Invites "invites" "Invites that await my answer, or that I made; newest first.",
    Search "search" "Messages of my sessions that have all of the words, newest first.",
    Invite "invite" "Asks a user for a direct session, or into a group.",
    Answer "answer" "Answers an invite.",
    Open "open" "Opens the direct session with a user, or makes a group or a room.",
    Join "join" "Joins the room that has this code.",
    Leave "leave" "Leaves a group or room.",
    Remove "remove" "Takes somebody out of a group or room.",
    Role "role" "Gives a member a role; `owner` hands over.",
    Title "title" "Gives a group or room another title.",
    Ping "ping" "Is anybody there? Answered by `pong`.",
    Goodbye "goodbye" "Ends the connection without presence grace.",
}

words! {
    /// What the server says.
    Tell:
    Ready "ready" "To `hello`: everything one needs to begin, in one snapshot. Events after it start at its `rev`s.",
    Ok "ok" "Yes, to the command of this `id`; beside it what that command brings. It stands in the stream where the event would.",
    Error "error" "No, to the command of this `id`, or to a frame that is none.",
    Message "message" "A new message.",
    MessageChanged "message_changed" "A message was edited, deleted or reacted to: as it now stands.",
    Changes "changes" "To `sync`: what changed in a session after `from`. With `more`, ask again from `to`.",
    Reset "reset" "To `sync`: forget what you have of this session and load afresh.",
    SessionAdded "session_added" "A session is now mine. Comes before its first event.",
    SessionChanged "session_changed" "A session has another title or code.",
    SessionRemoved "session_removed" "A session is no longer mine.",
    Member "member" "Somebody came, went or has another role.",
    Receipt "receipt" "How far somebody has read and received.",
    Typing "typing" "Somebody is writing; holds for six seconds.",
    Presence "presence" "Somebody whom I know came or went.",
    Invite "invite" "Somebody asks me.",
    InviteAnswered "invite_answered" "What I asked was answered.",
    Pong "pong" "To `ping`.",
}
