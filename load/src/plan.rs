//! Who does what: the plays of the command line as parts, one a connection.

use std::sync::Arc;
use std::time::Duration;

use crate::dialect::Dialect;
use crate::error::LoadError;
use crate::letter::STAMP;
use crate::limits::Need;
use crate::number::count;
use crate::options::{Options, Play};
use crate::part::{Part, Turn};

#[derive(Debug)]
pub struct Plan {
    play: Play,
    pub dialect: Dialect,
    text_bytes: usize,
    at_once: usize,
}

impl Plan {
    pub fn new(options: &Options, dialect: Dialect) -> Result<Self, LoadError> {
        let usage = |text: &str| Err(LoadError::Usage(text.into()));
        match options.play {
            _ if options.text_bytes < STAMP => usage("a text has at least 16 bytes: the time of sending"),
            _ if options.threads == 0 => usage("--threads must be at least 1"),
            Play::Pairs { rate: Some(0), .. } | Play::Fanout { rate: Some(0), .. } => {
                usage("--rate must be at least 1")
            }
            Play::Idle { .. } if options.url.is_some() && options.pid.is_none() => {
                usage("idle needs --pid with --url, to read the server's memory")
            }
            Play::Pairs { pairs: 0, .. } | Play::Idle { connections: 0 } => usage("nobody to connect"),
            Play::Pairs { window: 0, .. } | Play::Fanout { window: 0, .. } => usage("--window must be at least 1"),
            Play::Fanout { connections, senders, .. } if senders == 0 || senders > connections || connections < 2 => {
                usage("fanout needs two connections, and one sender at least and no more senders than connections")
            }
            _ => Ok(Self {
                play: options.play.clone(),
                dialect,
                text_bytes: options.text_bytes,
                at_once: options.at_once,
            }),
        }
    }

    pub fn title(&self) -> String {
        let paced = |rate: Option<u32>, window: usize| match rate {
            Some(rate) => format!("{rate} messages/s"),
            None => format!("window {window}"),
        };
        match self.play {
            Play::Pairs { pairs, window, rate } => {
                format!("pairs: {pairs} pairs, {}, text of {} bytes", paced(rate, window), self.text_bytes)
            }
            Play::Fanout { connections, senders, window, rate } => {
                let pace = paced(rate, window);
                format!(
                    "fanout: {connections} connections, {senders} senders, {pace}, text of {} bytes",
                    self.text_bytes
                )
            }
            Play::Idle { connections } => format!("idle: {connections} connections"),
            Play::Scale { .. } => String::new(),
        }
    }

    pub fn is_idle(&self) -> bool {
        matches!(self.play, Play::Idle { .. })
    }

    pub fn connections(&self) -> usize {
        match self.play {
            Play::Pairs { pairs, .. } => pairs * 2,
            Play::Fanout { connections, .. } | Play::Idle { connections } => connections,
            Play::Scale { .. } => 0,
        }
    }

    pub fn users(&self) -> usize {
        if let Play::Pairs { pairs, .. } = self.play { pairs * 2 } else { 2 }
    }

    fn senders(&self) -> usize {
        match self.play {
            Play::Pairs { pairs, .. } => pairs * 2,
            Play::Fanout { senders, .. } => senders,
            Play::Idle { .. } | Play::Scale { .. } => 0,
        }
    }

    /// Messages that wait for their commit at once; by the clock, as many as the server lets pile up.
    fn under_way(&self) -> usize {
        match self.play {
            Play::Pairs { pairs, window, rate: None } => pairs * window,
            Play::Fanout { senders, window, rate: None, .. } => senders * window,
            _ => 0,
        }
    }

    fn rate(&self) -> Option<u32> {
        match self.play {
            Play::Pairs { rate, .. } | Play::Fanout { rate, .. } => rate,
            Play::Idle { .. } | Play::Scale { .. } => None,
        }
    }

    pub fn needs(&self) -> Vec<Need> {
        let mut needs = vec![
            Need::of("text_bytes", self.text_bytes),
            Need::of("user_connections", self.connections().div_ceil(self.users())),
            Need::of("hello_per_address", self.at_once.min(self.connections())),
            Need::of("hello_total", self.at_once.min(self.connections())),
            Need::of("writer_queue", self.under_way()),
            Need::burst("accounts_per_minute", "accounts_burst", self.users()),
        ];
        if !self.is_idle() {
            let share = |among: usize| self.rate().map(|rate| u64::from(rate).div_ceil(count(among).max(1)));
            needs.push(Need::rate("sends_per_second", share(self.senders().min(self.users()))));
            needs.push(Need::rate("frames_per_second", share(self.senders())));
        }
        needs
    }

    /// The parts: users 0 and 1 share session 0, users 2 and 3 session 1, and so on; connections go round the users.
    pub fn parts(&self, tokens: &[Arc<str>], sessions: &[String]) -> Vec<Part> {
        let sessions: Vec<Arc<str>> = sessions.iter().map(|id| id.as_str().into()).collect();
        let users = tokens.iter().enumerate().cycle();
        (0..self.connections())
            .zip(users)
            .filter_map(|(number, (user, token))| {
                let session = user / 2;
                let session_id = Arc::clone(sessions.get(session)?);
                let (token, turn) = (Arc::clone(token), self.turn(number));
                Some(Part { number, dialect: self.dialect, token, session, session_id, turn })
            })
            .collect()
    }

    fn turn(&self, number: usize) -> Turn {
        if number >= self.senders() {
            return Turn::Listen;
        }
        if let Some(rate) = self.rate() {
            let step = Duration::from_secs(1) / rate;
            let times = |step: Duration, n: usize| step.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
            return Turn::Paced { every: times(step, self.senders()), first: times(step, number) };
        }
        match self.play {
            Play::Pairs { window, .. } => Turn::OnDelivery(if number.is_multiple_of(2) { window } else { 0 }),
            Play::Fanout { window, .. } => Turn::OnAck(window),
            Play::Idle { .. } | Play::Scale { .. } => Turn::Listen,
        }
    }
}
