//! The smallest client: authenticates with the token in `PARLOR_TOKEN`, prints every frame of the server, and sends every line
//! of standard input as a frame.
//!
//! ```sh
//! PARLOR_TOKEN=prl_… cargo run --example talk -- http://127.0.0.1:5000
//! ```

use std::io::{BufRead, Write};

use actix_web::rt;
use awc::ws::{Frame, Message};
use futures_util::{SinkExt, StreamExt, future::Either, future::select};
use tokio::sync::mpsc::unbounded_channel;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:5000".to_owned());
    let (_, socket) = awc::Client::new().ws(format!("{url}/api/v1/ws")).connect().await.map_err(|e| e.to_string())?;
    let (mut to_server, mut from_server) = socket.split();

    // An example may read its environment; the server does so in `config` only.
    #[allow(clippy::disallowed_methods)]
    let token = std::env::var("PARLOR_TOKEN").map_err(|_| "set PARLOR_TOKEN to the token that login gave")?;
    let hello = serde_json::json!({ "type": "hello", "token": token }).to_string();
    to_server.send(Message::Text(hello.into())).await?;

    // Standard input can only be waited for by a thread.
    let (lines, mut typed) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            if lines.send(line).is_err() {
                return;
            }
        }
        // The end of the input is no reason to leave: what comes is still printed.
        rt::System::new().block_on(std::future::pending::<()>());
    });

    loop {
        match select(Box::pin(typed.recv()), from_server.next()).await {
            Either::Left((Some(line), _)) => to_server.send(Message::Text(line.into())).await?,
            Either::Left((None, _)) => return Ok(()),
            Either::Right((Some(Ok(Frame::Text(text))), _)) => {
                println!("{}", String::from_utf8_lossy(&text));
                std::io::stdout().flush()?;
            }
            Either::Right((Some(Ok(Frame::Ping(payload))), _)) => to_server.send(Message::Pong(payload)).await?,
            Either::Right((Some(Ok(Frame::Close(reason))), _)) => {
                println!("closed: {reason:?}");
                return Ok(());
            }
            Either::Right((Some(Ok(_)), _)) => {}
            Either::Right((Some(Err(error)), _)) => return Err(error.into()),
            Either::Right((None, _)) => return Ok(()),
        }
    }
}
