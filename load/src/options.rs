//! The command line: which server, which play, how long. What the numbers mean stands here; what is made of them in `plan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::dialect::Dialect;

/// How much a Parlor carries: messages, deliveries, latencies, memory.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Options {
    /// A server that already runs, as http://host:port; without it one is started
    #[arg(long, global = true, conflicts_with = "start")]
    pub url: Option<String>,
    /// The server to start [default: `parlor` in this program's folder]
    #[arg(long, global = true, value_name = "BINARY")]
    pub start: Option<PathBuf>,
    /// Process of the server behind --url, for its CPU and memory
    #[arg(long, global = true, value_name = "PID", requires = "url")]
    pub pid: Option<u32>,
    /// Where the started server's folder is made; a memory file system makes commits look free
    #[arg(long, global = true, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Pins the started server to these CPUs (needs `taskset`)
    #[arg(long, global = true, value_name = "CPUS")]
    pub server_cpu: Option<String>,
    /// Pins this program to these CPUs (needs `taskset`)
    #[arg(long, global = true, value_name = "CPUS")]
    pub client_cpu: Option<String>,
    /// Dialect of the connections; several (native,socketio) are measured in turn and compared with the first
    #[arg(long, global = true, value_enum, value_delimiter = ',', value_name = "DIALECTS", default_value = "native")]
    pub dialect: Vec<Dialect>,
    /// How often each dialect is measured, each time on a server of its own (without --url); prints medians
    #[arg(long, global = true, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub rounds: u64,
    /// Measured seconds
    #[arg(long, global = true, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// Seconds of play before the measured ones
    #[arg(long, global = true, default_value_t = 1)]
    pub warm_up_seconds: u64,
    /// Bytes of a message's text; the first 16 are the time of sending
    #[arg(long, global = true, default_value_t = 100)]
    pub text_bytes: usize,
    /// Gives every message a `key`, as clients do that must not send twice
    #[arg(long, global = true)]
    pub keys: bool,
    /// Threads of this program
    #[arg(long, global = true, default_value_t = 1)]
    pub threads: usize,
    /// Connections in handshake at once, in all
    #[arg(long, global = true, default_value_t = 64)]
    pub at_once: usize,
    /// Registrations and logins at once
    #[arg(long, global = true, default_value_t = 8)]
    pub set_up_at_once: usize,
    /// Prints one line of JSON instead of the table
    #[arg(long, global = true)]
    pub json: bool,
    /// What the connections do
    #[command(subcommand)]
    pub play: Play,
}

/// What the connections do.
#[derive(Clone, Debug, Subcommand)]
pub enum Play {
    /// Pairs of users, each in its own direct session, answering each message with a message
    Pairs {
        /// Pairs of users
        #[arg(long, default_value_t = 200)]
        pairs: usize,
        /// Messages under way in each pair
        #[arg(long, default_value_t = 1)]
        window: usize,
        /// Messages a second in all, evenly spread to the millisecond, instead of answering
        #[arg(long)]
        rate: Option<u32>,
    },
    /// One direct session with many connections; some send, all others receive
    Fanout {
        /// Connections, shared out between the two users
        #[arg(long, default_value_t = 200)]
        connections: usize,
        /// How many of them send
        #[arg(long, default_value_t = 4)]
        senders: usize,
        /// Messages under way from each sender, the next one sent on an acknowledgement
        #[arg(long, default_value_t = 4)]
        window: usize,
        /// Messages a second in all, evenly spread to the millisecond, instead of a window
        #[arg(long)]
        rate: Option<u32>,
    },
    /// Idle connections, for the memory each one costs
    Idle {
        /// Connections, shared out between two users
        #[arg(long, default_value_t = 10_000)]
        connections: usize,
    },
    /// Reading, searching and sending in a large database, one after the other: how long each takes
    ///
    /// Makes the database (about a minute), waits until the server can search all of it, and compares sends with those
    /// to a second server whose database is empty.
    Scale {
        /// Messages in the largest session
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
        /// Sessions of the user whose requests are measured
        #[arg(long, default_value_t = 1_000)]
        sessions: usize,
        /// How often each is measured
        #[arg(long, default_value_t = 200)]
        runs: usize,
        /// Measures only what has this in its name
        #[arg(long, value_name = "TEXT", default_value = "")]
        only: String,
        /// Keeps the database in this file, and takes it from there the next time
        #[arg(long, value_name = "FILE")]
        database: Option<PathBuf>,
    },
}

impl Options {
    /// The measured time.
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The time before the measured time, in which all is played and nothing counted but breaches.
    pub fn warm_up(&self) -> Duration {
        Duration::from_secs(self.warm_up_seconds)
    }
}
