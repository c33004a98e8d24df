//! Users: an account or guest, its token, and requests with it.

use serde_json::json;

use super::http::Http;
use super::server::Server;
use super::socket::Socket;
use super::text;

/// The password of all users.
pub const PASSWORD: &str = "correct horse battery";

/// One login of one account.
#[derive(Clone, Debug)]
pub struct Person {
    pub username: String,
    pub id: String,
    pub token: String,
    /// Sends this token.
    pub http: Http,
}

impl Person {
    /// Logs in to an account that exists, as one more device.
    #[track_caller]
    pub fn login(server: &Server, username: &str) -> Self {
        let http = server.http();
        let reply = http.post("/login", json!({"username": username, "password": PASSWORD}));
        Self::let_in(server, username, &reply.ok())
    }

    /// Comes in as a guest.
    #[track_caller]
    pub fn visit(server: &Server, name: &str) -> Self {
        let answer = server.http().post("/guests", json!({"name": name})).ok();
        Self::let_in(server, name, &answer)
    }

    fn let_in(server: &Server, username: &str, answer: &serde_json::Value) -> Self {
        let token = text(answer, "token").to_owned();
        Self {
            username: username.to_owned(),
            id: text(&answer["user"], "id").to_owned(),
            http: server.http().with_token(&token),
            token,
        }
    }

    /// The same login, whose requests and connections all go to this node.
    pub fn at(&self, server: &Server, node: usize) -> Self {
        Self { http: self.http.by(&server.node(node)), ..self.clone() }
    }

    /// Deletes the account or the guest.
    #[track_caller]
    pub fn delete_account(&self) {
        self.http.call("DELETE", "/me").json(&json!({"current_password": PASSWORD})).send().done();
    }

    /// A live connection that has received `ready`.
    #[track_caller]
    pub fn connect(&self) -> Socket {
        let mut socket = self.upgrade();
        socket.hello(&self.token);
        socket
    }

    /// A socket to this person's server that has not sent `hello`.
    #[track_caller]
    pub fn upgrade(&self) -> Socket {
        Socket::open(self.http.endpoint(), &[]).expect("the upgrade is accepted")
    }

    /// Sends by REST and returns the answer.
    #[track_caller]
    pub fn send_message(&self, session: &str, content: &str) -> serde_json::Value {
        self.http.post(&format!("/sessions/{session}/messages"), json!({"text": content})).ok()
    }

    /// From now on only the invited may open a direct session with this person.
    #[track_caller]
    pub fn accepts_only_invited(&self) {
        let answer = self.http.patch("/me", json!({"accepts": "invited"})).ok();
        assert_eq!(answer["accepts"], "invited", "{answer}");
    }
}

/// Makes an account and logs in.
#[track_caller]
pub fn register(server: &Server, username: &str) -> Person {
    let body = json!({"username": username, "password": PASSWORD});
    server.http().post("/register", body).ok();
    Person::login(server, username)
}

/// Makes an account and logs in; all its requests and connections go to this node.
#[track_caller]
pub fn register_at(server: &Server, node: usize, username: &str) -> Person {
    register(server, username).at(server, node)
}

/// Opens the direct session of two people and returns its id.
#[track_caller]
pub fn befriend(one: &Person, other: &Person) -> String {
    let body = json!({"kind": "direct", "username": other.username});
    let answer = one.http.post("/sessions", body).ok();
    text(&answer["session"], "id").to_owned()
}

/// The commonest beginning: avi and lisa, with their direct session.
#[track_caller]
pub fn pair(server: &Server) -> (Person, Person, String) {
    let avi = register(server, "avi");
    let lisa = register(server, "lisa");
    let session = befriend(&avi, &lisa);
    (avi, lisa, session)
}
