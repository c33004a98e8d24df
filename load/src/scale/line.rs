//! A connection over which one question at a time is asked.

use serde_json::{Value, json};

use crate::client::{PATIENCE, Target};
use crate::dialect::Dialect;
use crate::socket::Socket;
use crate::trouble::Trouble;

/// The connection.
#[derive(Debug)]
pub struct Line {
    socket: Socket,
    asked: u64,
}

impl Line {
    /// Connects; also what `ready` says.
    pub async fn open(target: &Target, token: &str) -> Result<(Self, Vec<u8>), Trouble> {
        let (socket, ready) = Socket::open(target, Dialect::Native, 0, token).await?;
        Ok((Self { socket, asked: 0 }, ready))
    }

    /// Asks and waits for `ok`; gives the last frame, and how many bytes all frames until then had.
    pub async fn ask(&mut self, mut question: Value) -> Result<(Vec<u8>, usize), Trouble> {
        self.asked += 1;
        let id = format!("q{}", self.asked);
        if let Some(fields) = question.as_object_mut() {
            fields.insert("id".to_owned(), json!(id));
        }
        let (name, mut bytes) = (format!("\"id\":\"{id}\""), 0);
        let asking = async {
            self.socket.say(&question.to_string()).await?;
            loop {
                let frame = self.socket.hear().await?;
                bytes += frame.len();
                let head = frame.get(..60).unwrap_or(&frame);
                if head.windows(name.len()).any(|window| window == name.as_bytes()) {
                    return Ok(frame);
                }
            }
        };
        let wait = tokio::time::timeout(PATIENCE, asking).await;
        let frame = wait.unwrap_or_else(|_| Err(Trouble::answer(question.to_string(), "nothing for 30 s")))?;
        if frame.starts_with(br#"{"type":"ok""#) {
            return Ok((frame, bytes));
        }
        Err(Trouble::answer(question.to_string(), String::from_utf8_lossy(&frame)))
    }
}
