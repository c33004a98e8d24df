//! A connection with one request in flight at a time.

use serde_json::{Value, json};

use crate::client::{PATIENCE, Target};
use crate::dialect::Dialect;
use crate::error::LoadError;
use crate::socket::Socket;

#[derive(Debug)]
pub struct Line {
    socket: Socket,
    requests: u64,
}

impl Line {
    /// Connects; the second value is the `ready` frame.
    pub async fn open(target: &Target, token: &str) -> Result<(Self, Vec<u8>), LoadError> {
        let (socket, ready) = Socket::open(target, Dialect::Native, 0, token).await?;
        Ok((Self { socket, requests: 0 }, ready))
    }

    /// Sends a command and waits for its `ok`; returns that frame, and the bytes of all frames up to it.
    pub async fn request(&mut self, mut command: Value) -> Result<(Vec<u8>, usize), LoadError> {
        self.requests += 1;
        let id = format!("q{}", self.requests);
        if let Some(fields) = command.as_object_mut() {
            fields.insert("id".to_owned(), json!(id));
        }
        let (name, mut bytes) = (format!("\"id\":\"{id}\""), 0);
        let exchange = async {
            self.socket.send(&command.to_string()).await?;
            loop {
                let frame = self.socket.receive().await?;
                bytes += frame.len();
                let head = frame.get(..60).unwrap_or(&frame);
                if head.windows(name.len()).any(|window| window == name.as_bytes()) {
                    return Ok(frame);
                }
            }
        };
        let wait = tokio::time::timeout(PATIENCE, exchange).await;
        let frame = wait.unwrap_or_else(|_| Err(LoadError::answer(command.to_string(), "nothing for 30 s")))?;
        if frame.starts_with(br#"{"type":"ok""#) {
            return Ok((frame, bytes));
        }
        Err(LoadError::answer(command.to_string(), String::from_utf8_lossy(&frame)))
    }
}
