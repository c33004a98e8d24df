//! Where a server can be reached: the one place that chooses the node of a connection or a request.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A node that works answers sooner.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a server can be reached now. Shared by all clients, so that they outlive a restart on other ports.
///
/// Connections and requests are dealt to its nodes in turn, as a load balancer does; to a single one where it is that node's
/// own. A node whose turn it is first catches up with what others have committed, so that a test sees what it has done before.
/// What belongs to a Socket.IO session goes to the node that opened it. Nodes that are down are passed over.
#[derive(Clone, Debug)]
pub struct Endpoint {
    nodes: Arc<Nodes>,
    /// The only node that is used.
    node: Option<usize>,
}

#[derive(Debug, Default)]
struct Nodes {
    places: Mutex<Vec<Place>>,
    turn: AtomicUsize,
    /// Nodes by the id of a Socket.IO session.
    sessions: Mutex<HashMap<String, usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The last one: it remains when the node is down.
    address: SocketAddr,
    is_up: bool,
}

impl Endpoint {
    /// An endpoint that is not a server's own: a proxy's, for example.
    pub fn at(address: SocketAddr) -> Self {
        let endpoint = Self::of_nodes(1);
        endpoint.moved_to(0, address);
        endpoint
    }

    /// Of so many nodes, which are down.
    pub fn of_nodes(count: usize) -> Self {
        let down = Place { address: SocketAddr::from(([127, 0, 0, 1], 0)), is_up: false };
        Self { nodes: Arc::new(Nodes { places: Mutex::new(vec![down; count]), ..Nodes::default() }), node: None }
    }

    /// By this address clients name it, in `Host` and `Origin`: that of the first node.
    pub fn address(&self) -> SocketAddr {
        self.nodes.places.lock().unwrap()[0].address
    }

    /// Where bytes are written by hand: to the first node, unless it is another one's own endpoint.
    pub fn fixed(&self) -> SocketAddr {
        self.nodes.places.lock().unwrap()[self.node.unwrap_or(0)].address
    }

    /// Where the next connection or request goes to, which is for this path.
    pub fn dealt(&self, path: &str) -> SocketAddr {
        let node = self.node.unwrap_or_else(|| match path.strip_prefix("/socket.io/") {
            // What a test opens by hand is on the first.
            Some(query) => self.node_of_session(query).unwrap_or(0),
            None => self.take_turn(),
        });
        self.nodes.places.lock().unwrap()[node].address
    }

    /// The endpoint of the node whose turn it is, for a session that remains there.
    pub fn sticky(&self) -> Self {
        self.of_node(self.node.unwrap_or_else(|| self.take_turn()))
    }

    /// The endpoint of this node alone.
    pub fn of_node(&self, node: usize) -> Self {
        Self { nodes: Arc::clone(&self.nodes), node: Some(node) }
    }

    /// The node listens here now.
    pub fn moved_to(&self, node: usize, address: SocketAddr) {
        self.nodes.places.lock().unwrap()[node] = Place { address, is_up: true };
    }

    /// The node is down.
    pub fn is_down(&self, node: usize) {
        self.nodes.places.lock().unwrap()[node].is_up = false;
    }

    /// This node has opened a Socket.IO session.
    pub fn has_opened(&self, sid: &str) {
        self.nodes.sessions.lock().unwrap().insert(sid.to_owned(), self.node.unwrap_or(0));
    }

    fn node_of_session(&self, query: &str) -> Option<usize> {
        let sid = query.split(['?', '&']).find_map(|pair| pair.strip_prefix("sid="))?;
        self.nodes.sessions.lock().unwrap().get(sid).copied()
    }

    fn take_turn(&self) -> usize {
        let places = self.nodes.places.lock().unwrap();
        let up: Vec<usize> = (0..places.len()).filter(|node| places[*node].is_up).collect();
        let turn = self.nodes.turn.fetch_add(1, Ordering::Relaxed);
        // Where none is up, the connection is to be refused.
        let node = if up.is_empty() { 0 } else { up[turn % up.len()] };
        let (address, others) = (places[node].address, places.len() - 1);
        drop(places);
        if others > 0 {
            catch_up(address);
        }
        node
    }
}

/// Returns when the node has delivered everything that others had committed, which is part of being ready.
pub fn catch_up(node: SocketAddr) {
    let ask = || -> std::io::Result<()> {
        let mut stream = TcpStream::connect_timeout(&node, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {node}\r\nConnection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    };
    // One that does not answer is the subject of the test.
    let _ = ask();
}

#[test]
fn connections_are_dealt_to_the_nodes_that_are_up_in_turn() {
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let endpoint = Endpoint::of_nodes(2);
    endpoint.moved_to(0, address(1));
    endpoint.moved_to(1, address(2));
    let ports = |endpoint: &Endpoint| [(); 3].map(|()| endpoint.dealt("/api/v1/me").port());
    assert_eq!(ports(&endpoint), [1, 2, 1]);
    assert_eq!(ports(&endpoint.sticky()), [2, 2, 2]);
    endpoint.of_node(1).has_opened("s1");
    assert_eq!(endpoint.dealt("/socket.io/?EIO=4&sid=s1"), address(2));
    assert_eq!((endpoint.of_node(1).fixed(), endpoint.of_node(1).address()), (address(2), address(1)));
    endpoint.is_down(0);
    assert_eq!(ports(&endpoint), [2, 2, 2]);
    endpoint.is_down(1);
    assert_eq!(ports(&endpoint), [1, 1, 1]);
}
