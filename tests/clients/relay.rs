//! A TCP relay in front of a server: its address remains when the server moves, and it can cut everything.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::kit::endpoint::Endpoint;
use crate::kit::{PATIENCE, until};

/// What is open, by the number of the connection.
type Open = Arc<Mutex<HashMap<usize, [TcpStream; 2]>>>;

/// The relay; it ends with the test's process.
pub struct Relay {
    pub address: SocketAddr,
    open: Open,
}

impl Relay {
    pub fn to(endpoint: &Endpoint) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open = Open::default();
        let (all, endpoint) = (Arc::clone(&open), endpoint.clone());
        thread::spawn(move || {
            for (number, client) in listener.incoming().map_while(Result::ok).enumerate() {
                // Without a server each connection is closed.
                let Ok(server) = TcpStream::connect(endpoint.address()) else { continue };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let both = [client.try_clone().unwrap(), server.try_clone().unwrap()];
                all.lock().unwrap().insert(number, both);
                let ended = [Arc::clone(&all), Arc::clone(&all)];
                for (all, (from, to)) in ended.into_iter().zip([(&client, &server), (&server, &client)]) {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || {
                        pass(from, to);
                        all.lock().unwrap().remove(&number);
                    });
                }
            }
        });
        Self { address, open }
    }

    /// Cuts every connection that there is, once there is one: between two polls there is none for a moment.
    pub fn cut(&self) {
        until("a connection to cut", PATIENCE, || !self.open.lock().unwrap().is_empty());
        for (_, both) in self.open.lock().unwrap().drain() {
            both.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        }
    }
}

/// Passes on what comes until one of the two has ended.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
