//! `parlor-load scale`: how long a client's most frequent requests take on a database after years of use.

mod chance;
mod fill;
mod line;
mod requests;
mod rows;
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use fill::Size;
use line::Line;
use requests::Sessions;
pub use table::Table;
use table::time;

use crate::client::{Answer, Target};
use crate::dialect::Dialect;
use crate::error::LoadError;
use crate::latency::histogram;
use crate::number::nanoseconds;
use crate::options::Options;
use crate::server::Server;
use crate::worker;

const USER: &str = "scale-user";
/// The recipient of their messages in the empty database.
const OTHER: &str = "scale-other";

/// What is measured with two servers.
const SENDS: &str = "send";

/// Makes the database, starts a server on it and one on an empty database, and measures.
pub fn measure(
    options: &Options,
    size: Size,
    table: Table,
    runs: usize,
    database: Option<&Path>,
) -> Result<Table, LoadError> {
    if options.url.is_some() {
        return Err(LoadError::Usage("scale starts servers of its own: leave --url out".into()));
    }
    if options.dialect != [Dialect::Native] || options.rounds > 1 {
        return Err(LoadError::Usage("scale asks in the native dialect, each question --runs times".into()));
    }
    let known = database.is_some_and(Path::exists);
    let mut server = Server::start_on(options, database)?;
    let runtime = worker::runtime()?;
    if !known {
        runtime.block_on(login(&server.target()?, USER))?;
        let began = Instant::now();
        server.pause(|path| fill::fill(path, USER, size))?;
        eprintln!("load: made the database and started on it in {:.1} s", began.elapsed().as_secs_f64());
    }
    let empty = Server::start_on(options, None)?;
    if let Some(cpu) = &options.client_cpu {
        crate::process::pin_myself(cpu)?;
    }
    runtime.block_on(measure_requests(&server.target()?, &empty.target()?, table, runs))
}

async fn login(target: &Target, name: &str) -> Result<String, LoadError> {
    let who = json!({"username": name, "password": "scale password"});
    target.post("/api/v1/register", None, &who).await?;
    let Answer { status, body } = target.post("/api/v1/login", None, &who).await?;
    let token = body.pointer("/token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or_else(|| LoadError::answer("logging in", format!("{status} {body}")))
}

async fn measure_requests(target: &Target, empty: &Target, mut table: Table, runs: usize) -> Result<Table, LoadError> {
    let token = login(target, USER).await?;
    let (mut line, ready) = Line::open(target, &token).await?;
    let sessions = Sessions::new(&ready);
    eprintln!("load: {} sessions in ready, {} messages in the largest", sessions.count(), sessions.seq);
    caught_up(&mut line, &sessions.large).await?;

    let connect = async |_| Ok(Line::open(target, &token).await?.1.len());
    time(&mut table, "ready (connect, hello, ready)", runs, connect).await?;
    for (what, command) in sessions.commands() {
        time(&mut table, what, runs, async |run| Ok(line.request(command(run)).await?.1)).await?;
    }
    for (what, path) in sessions.paths() {
        let get = async |_| {
            let Answer { status, body } = target.get(&path, Some(&token)).await?;
            if status == 200 { Ok(body.to_string().len()) } else { Err(LoadError::answer(&path, body.to_string())) }
        };
        time(&mut table, what, runs, get).await?;
    }
    if table.wants(SENDS) {
        sends(&mut table, (line, sessions.large), empty, runs).await?;
    }
    Ok(table)
}

/// Waits until the newest message is found: the index is filled in the order of messages.
async fn caught_up(line: &mut Line, id: &str) -> Result<(), LoadError> {
    let began = Instant::now();
    let (history, _) = line.request(json!({"type": "history", "session": id, "limit": 10})).await?;
    let history: Value = serde_json::from_slice(&history).unwrap_or_default();
    let messages = history.pointer("/messages").and_then(Value::as_array).cloned().unwrap_or_default();
    let has_text = |message: &&Value| text(message, "/kind") == "text" && !text(message, "/text").is_empty();
    let Some(newest) = messages.iter().rfind(has_text) else { return Ok(()) };
    let (query, seq) = (text(newest, "/text").chars().take(150).collect::<String>(), number(newest, "/seq"));
    let mut looks = 0;
    loop {
        let (found, _) = line.request(json!({"type": "search", "query": query, "session": id})).await?;
        let found: Value = serde_json::from_slice(&found).unwrap_or_default();
        let hits = found.pointer("/messages").and_then(Value::as_array).cloned().unwrap_or_default();
        if hits.iter().any(|hit| number(hit, "/seq") == seq) {
            if looks > 0 {
                eprintln!("load: everything can be searched after {:.1} s", began.elapsed().as_secs_f64());
            }
            return Ok(());
        }
        looks += 1;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn sends(
    table: &mut Table,
    (mut large, id): (Line, String),
    empty: &Target,
    runs: usize,
) -> Result<(), LoadError> {
    let (token, _) = (login(empty, USER).await?, login(empty, OTHER).await?);
    let opened = empty.post("/api/v1/sessions", Some(&token), &json!({"kind": "direct", "username": OTHER})).await?;
    let other = text(&opened.body, "/session/id");
    let (mut line, _) = Line::open(empty, &token).await?;
    let mut chance = chance::Chance::new(nanoseconds(Duration::from_secs(u64::from(std::process::id()))));
    let mut times = [histogram(), histogram()];
    for run in 0..runs + 20 {
        for (place, times) in times.iter_mut().enumerate() {
            let (line, id) = if place == 0 { (&mut line, &other) } else { (&mut large, &id) };
            let key = format!("{:x}", chance.id());
            let question = json!({"type": "send", "session": id, "text": chance.text(), "key": key});
            let began = Instant::now();
            line.request(question).await?;
            if run >= 20 {
                times.saturating_record(nanoseconds(began.elapsed()));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    for (what, times) in ["an empty database", "this database"].into_iter().zip(&times) {
        table.add(&format!("{SENDS}, in {what}"), times, 0);
    }
    Ok(())
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}
