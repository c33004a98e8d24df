//! The server's limits as `ready` has them, and whether a play would measure them instead of the server.

use std::fmt;

use serde_json::{Map, Value};

use crate::client::Target;
use crate::dialect::Dialect;
use crate::error::LoadError;
use crate::number::count;
use crate::people::Person;
use crate::socket::Socket;

/// One thing that a play needs, and the limit in its way.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// The limit's name in `ready.limits`; 0 there lifts it.
    pub limit: &'static str,
    /// The field with the value: the limit itself, or the burst that belongs to a rate.
    pub room: &'static str,
    /// How much is needed; `None`: as much as there is.
    pub amount: Option<u64>,
}

impl Need {
    /// So much at once, where a rate has a burst.
    pub fn burst(limit: &'static str, room: &'static str, amount: usize) -> Self {
        Self { limit, room, amount: Some(count(amount)) }
    }

    /// So much a second; `None`: as much as there is.
    pub fn rate(limit: &'static str, amount: Option<u64>) -> Self {
        Self { limit, room: limit, amount }
    }

    pub fn of(limit: &'static str, amount: usize) -> Self {
        Self::burst(limit, limit, amount)
    }
}

#[derive(Debug)]
pub struct Limits {
    server: String,
    limits: Map<String, Value>,
}

impl Limits {
    /// Opens a connection, reads its `ready`, and leaves.
    pub async fn fetch(target: &Target, person: &Person) -> Result<Self, LoadError> {
        let (_, ready) = Socket::open(target, Dialect::Native, 0, &person.token()).await?;
        let ready: Value = serde_json::from_slice(&ready).unwrap_or_default();
        let field = |pointer| ready.pointer(pointer).and_then(Value::as_str).unwrap_or("?");
        Ok(Self {
            server: format!("{} {}", field("/server/name"), field("/server/version")),
            limits: ready.get("limits").and_then(Value::as_object).cloned().unwrap_or_default(),
        })
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    pub fn all(&self) -> &Map<String, Value> {
        &self.limits
    }

    /// Refuses where a limit is below a need, naming the settings that lift it. A limit that `ready` lacks
    /// cannot be checked; running into it shows as a refusal.
    pub fn check(&self, needs: &[Need]) -> Result<(), LoadError> {
        let in_the_way: Vec<_> = needs.iter().filter(|need| self.is_below(need)).map(setting).collect();
        if in_the_way.is_empty() { Ok(()) } else { Err(LoadError::Limited(in_the_way.join(" "))) }
    }

    fn is_below(&self, need: &Need) -> bool {
        let limit = |name: &str| self.limits.get(name).and_then(Value::as_u64).filter(|limit| *limit > 0);
        let room = limit(need.limit).and_then(|_| limit(need.room));
        room.is_some_and(|room| need.amount.is_none_or(|amount| amount > room))
    }
}

/// The environment variable that lifts a limit; text has no "none".
fn setting(need: &Need) -> String {
    let value = if need.limit == "text_bytes" { need.amount.unwrap_or(0) } else { 0 };
    format!("PARLOR_{}={value}", need.limit.to_uppercase())
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.limits.iter().enumerate() {
            write!(f, "{}{name} {value}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
