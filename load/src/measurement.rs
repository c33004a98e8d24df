//! One measurement of one dialect: a server, its users and sessions, their connections at play, and what it comes to.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::board::Times;
use crate::client::Target;
use crate::dialect::Dialect;
use crate::error::LoadError;
use crate::limits::Limits;
use crate::options::Options;
use crate::part::{self, Part};
use crate::people::{Person, Registry};
use crate::plan::Plan;
use crate::process::{self, Process};
use crate::report::{self, Report};
use crate::server::Server;
use crate::worker::{self, Outcome, Worker};

/// Takes it, on a server of its own where none is given.
pub fn take(options: &Options, dialect: Dialect) -> Result<Report, LoadError> {
    let plan = Plan::new(options, dialect)?;
    // Before the server starts: it inherits the raised limit.
    process::allow_descriptors(plan.connections() + 200)?;
    let mut server = match &options.url {
        Some(_) => None,
        None => Some(Server::start(options)?),
    };
    // After the server starts: it must not inherit this.
    if let Some(cpu) = &options.client_cpu {
        process::pin_myself(cpu)?;
    }
    let mut target = match (&server, &options.url) {
        (Some(server), _) => server.target()?,
        (None, url) => Target::parse(url.as_deref().unwrap_or_default())?,
    };
    let (limits, parts) = set_up(options, &plan, &target)?;
    if let (Some(server), true) = (&mut server, plan.is_idle()) {
        // What password hashing leaves in the allocator would hide what connections cost.
        server.restart()?;
        target = server.target()?;
    }
    let process = server.as_ref().map(Server::pid).or(options.pid).map(Process::new);
    perform(options, &plan, (limits, parts), &target, process.as_ref())
}

/// Makes the users and their sessions, and looks at the server's limits as soon as two users are there.
fn set_up(options: &Options, plan: &Plan, target: &Target) -> Result<(Limits, Vec<Part>), LoadError> {
    worker::runtime()?.block_on(async {
        let registry = Registry::new(target.clone(), options.set_up_at_once);
        let mut people = registry.register(0..2).await?;
        let first = people.first().ok_or(LoadError::Usage("nobody is there".into()))?;
        let limits = Limits::fetch(target, first).await?;
        eprintln!("load: {} at {}, limits: {limits}", limits.server(), target.host());
        limits.check(&plan.needs())?;
        people.extend(registry.register(2..plan.users()).await?);
        let mut sessions = Vec::new();
        for pair in people.chunks_exact(2) {
            if let [one, other] = pair {
                sessions.push(registry.open(one, &other.name).await?);
            }
        }
        let tokens: Vec<_> = people.iter().map(Person::token).collect();
        Ok((limits, plan.parts(&tokens, &sessions)))
    })
}

/// Opens the connections, lets them play for warm-up and measured time, and adds up what every thread saw.
fn perform(
    options: &Options,
    plan: &Plan,
    (limits, parts): (Limits, Vec<Part>),
    target: &Target,
    process: Option<&Process>,
) -> Result<Report, LoadError> {
    let empty = process.map(Process::resident).transpose()?;
    let zero = Instant::now();
    let (opened, ready) = mpsc::channel();
    let workers: Vec<Worker> = part::split(parts, options.threads)
        .into_iter()
        .map(|parts| Worker::start(parts, options, target.clone(), zero, opened.clone()))
        .collect::<Result<_, _>>()?;
    drop(opened);
    for _ in &workers {
        // A thread that ended without a result gives its error when it is joined.
        if let Ok(Err(error)) = ready.recv() {
            return Err(error);
        }
    }
    let opening = zero.elapsed();

    let from = Instant::now() + if plan.is_idle() { Duration::ZERO } else { options.warm_up() };
    let times = Times { from, to: from + options.time() };
    let workers: Vec<_> = workers.into_iter().map(|worker| worker.play(times)).collect();
    let myself = Process::myself();
    sleep_until(times.from);
    let before = (process.map(Process::cpu).transpose()?, myself.cpu()?);
    sleep_until(times.to);
    let after = (process.map(Process::cpu).transpose()?, myself.cpu()?);
    let full = process.map(Process::resident).transpose()?;

    let outcomes: Vec<Outcome> = workers.into_iter().map(worker::Playing::join).collect::<Result<_, _>>()?;
    let usage = report::Usage {
        opening,
        measured: options.time(),
        server_cpu: after.0.zip(before.0).map(|(after, before)| after.saturating_sub(before)),
        own_cpu: after.1.saturating_sub(before.1),
        resident: full,
        resident_empty: empty,
    };
    Ok(Report::new(plan, &limits, &usage, outcomes))
}

fn sleep_until(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}
