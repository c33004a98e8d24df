//! The types of frames that the server sends, for encoding and documentation.

/// Declares the enum with the name and description of each type.
macro_rules! server_frames {
    ($($variant:ident $name:literal $description:literal,)+) => {
        /// The `type` of a server's frame.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ServerFrame {
            $($variant),+
        }

        impl ServerFrame {
            /// All of them, in the order of the documentation.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),+];

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            pub(crate) const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description),+
                }
            }
        }
    };
}

server_frames! {
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
