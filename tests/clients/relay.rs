//! A TCP relay in front of a server: its address stays when the server moves, and it can cut everything.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::kit::server::Door;

/// The relay; it ends with the test's process.
pub struct Relay {
    pub address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Relay {
    pub fn to(door: &Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let (all, door) = (Arc::clone(&open), door.clone());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Without a server whoever comes is hung up on.
                let Ok(server) = TcpStream::connect(door.address()) else { continue };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let mut all = all.lock().unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    all.push(from.try_clone().unwrap());
                    pass(from.try_clone().unwrap(), to.try_clone().unwrap());
                }
            }
        });
        Self { address, open }
    }

    /// Cuts every connection that there is.
    pub fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let mut piece = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            if to.write_all(&piece[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
