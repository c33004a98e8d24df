//! The dialect of a connection: the native one, or the same vocabulary in Socket.IO packets over a WebSocket. Here is the
//! handshake; received frames are classified in `frame_kind`, sent ones are written in `letter`.

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// JSON frames
    Native,
    /// Socket.IO, over WebSocket
    Socketio,
}

impl Dialect {
    pub fn path(self) -> &'static str {
        match self {
            Self::Native => "/api/v1/ws",
            Self::Socketio => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// A client's first frame, sent without waiting for anything.
    pub fn hello(self, token: &str) -> String {
        match self {
            Self::Native => json!({"type": "hello", "token": token}).to_string(),
            Self::Socketio => format!("40{}", json!({"token": token})),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad`, so that names can stand in columns.
        f.pad(match self {
            Self::Native => "native",
            Self::Socketio => "socketio",
        })
    }
}
