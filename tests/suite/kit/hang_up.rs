//! How a client ends a connection: the frames it still sends, and what becomes of the TCP connection behind them.

use std::time::Duration;

use super::socket::Socket;
use super::wire::{CLOSE, TEXT, masked};

/// What stands at the end of a stream, directly behind the frames before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// A close frame; the client waits for the server's.
    CloseFrame,
    /// A close frame, and the TCP connection ends without waiting.
    CloseFrameAndFin,
    /// The TCP connection ends.
    Fin,
    /// The TCP connection is reset: the client has not read what it was sent.
    Reset,
    /// These text frames; the client waits for the server to close.
    Texts(&'static [&'static str]),
    /// The same, and the TCP connection ends without waiting.
    TextsAndFin(&'static [&'static str]),
}

impl HangUp {
    /// Sends these text frames and this end of the stream in one write.
    pub fn behind(self, mut socket: Socket, frames: &[String]) {
        let texts = frames.iter().map(String::as_str);
        let last: &[&str] = match self {
            Self::Texts(last) | Self::TextsAndFin(last) => last,
            _ => &[],
        };
        let mut bytes: Vec<u8> =
            texts.chain(last.iter().copied()).flat_map(|frame| masked(true, TEXT, frame.as_bytes())).collect();
        if matches!(self, Self::CloseFrame | Self::CloseFrameAndFin) {
            bytes.extend(masked(true, CLOSE, &1000_u16.to_be_bytes()));
        }
        socket.send_bytes(&bytes);
        match self {
            Self::CloseFrame | Self::Texts(_) => {
                socket.close_code();
            }
            Self::CloseFrameAndFin | Self::Fin | Self::TextsAndFin(_) => socket.cut(),
            Self::Reset => {
                socket2::SockRef::from(socket.stream()).set_linger(Some(Duration::ZERO)).unwrap();
                socket.cut();
            }
        }
    }
}
