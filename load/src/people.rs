//! The users of a play: registered, logged in, paired up. Names are new in each run, so sessions begin at seq 1;
//! on a server that is kept, the accounts remain and are recognised by their names.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::client::{Answer, Target};
use crate::error::LoadError;

/// How often a `busy` (hashing is the server's dearest work) is retried, a fifth of a second apart.
const PATIENCE: u32 = 50;

#[derive(Debug)]
pub struct Person {
    pub name: String,
    token: Arc<str>,
}

impl Person {
    pub fn token(&self) -> Arc<str> {
        Arc::clone(&self.token)
    }
}

#[derive(Debug)]
pub struct Registry {
    target: Target,
    at_once: usize,
    run: String,
}

impl Registry {
    /// For a run of its own; up to `at_once` requests wait for the server.
    pub fn new(target: Target, at_once: usize) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { target, at_once: at_once.max(1), run: format!("load-{:x}", now.as_millis()) }
    }

    /// Registers the users with these numbers and logs them in; in the order of the numbers.
    pub async fn register(&self, numbers: Range<usize>) -> Result<Vec<Person>, LoadError> {
        stream::iter(numbers)
            .map(|number| async move {
                let name = format!("{}-{number}", self.run);
                let who = json!({"username": name, "password": format!("the password of {name}")});
                self.request("/api/v1/register", None, &who).await?;
                let login = self.request("/api/v1/login", None, &who).await?;
                Ok(Person { token: text("/api/v1/login", &login, "/token")?.into(), name })
            })
            .buffered(self.at_once)
            .try_collect()
            .await
    }

    pub async fn open(&self, person: &Person, other: &str) -> Result<String, LoadError> {
        let path = "/api/v1/sessions";
        let body = json!({"kind": "direct", "username": other});
        let answer = self.request(path, Some(&person.token), &body).await?;
        text(path, &answer, "/session/id")
    }

    async fn request(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Value, LoadError> {
        for _ in 0..PATIENCE {
            match self.target.post(path, token, body).await? {
                Answer { status: 200..300, body } => return Ok(body),
                Answer { status: 503, .. } => tokio::time::sleep(Duration::from_millis(200)).await,
                Answer { status, body } => {
                    return Err(LoadError::answer(path, format!("{status} {body}")));
                }
            }
        }
        Err(LoadError::answer(path, "503, again and again"))
    }
}

fn text(path: &str, answer: &Value, pointer: &str) -> Result<String, LoadError> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| LoadError::answer(path, format!("no {pointer} but {answer}")))
}
