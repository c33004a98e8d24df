//! Every setting with its name, default and help. The only reader of the command line and the environment.

mod check;
mod database;
mod dialects;
mod limits;
mod origin;
mod redis;
mod secret;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use database::{DatabaseUrl, PostgresUrl};
pub use dialects::Dialects;
pub use limits::Limits;
pub use origin::{Origin, host_of};
pub use redis::RedisUrl;
use secret::Secret;

pub use crate::domain::Directory;
use crate::rate_limit::{ForwardedHeader, Network};

/// Parlor: a chat backend in one binary. Without any setting it serves on http://127.0.0.1:5000 and keeps its data in
/// `parlor.db`.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlor", version, about, long_about = None)]
pub struct Config {
    /// The command; `serve` is the default.
    #[command(subcommand)]
    pub task: Option<Task>,
    /// Address to listen on; port 0 picks a free port.
    #[arg(long, env = "PARLOR_LISTEN", default_value = "127.0.0.1:5000", global = true)]
    pub listen: SocketAddr,
    /// The database: `sqlite:<file>` or `postgres://<user>:<password>@<host>/<database>`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:parlor.db", hide_env_values = true,
          value_parser = Secret::<DatabaseUrl>::parser(), global = true)]
    pub database_url: DatabaseUrl,
    /// Redis, by which several servers on one PostgreSQL database get each other's messages at once:
    /// `redis://:<password>@<host>:<port>`. Without it they read them from the database.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_parser = Secret::<RedisUrl>::parser(), global = true)]
    pub redis_url: Option<RedisUrl>,
    /// Milliseconds between two reads of other servers' messages from the database; by default 100, with Redis 1,000.
    #[arg(long, env = "PARLOR_POLL_MS", value_parser = clap::value_parser!(u64).range(10..=10_000), global = true)]
    pub poll_ms: Option<u64>,
    /// A name of this server for logs, among several on one database; by default its process id.
    #[arg(long, env = "PARLOR_NODE", global = true)]
    pub node: Option<String>,
    /// Log level, or a filter as env_logger understands it.
    #[arg(long, env = "RUST_LOG", default_value = "info", global = true)]
    pub log: String,
    /// Where people reach this server; only this origin is then its own, and `https` makes cookies `Secure`.
    #[arg(long, env = "PARLOR_PUBLIC_URL", value_parser = Origin::parse_public, global = true)]
    pub public_url: Option<Origin>,
    /// Proxies whose word on the client's address counts: addresses or networks, with commas.
    #[arg(long, env = "PARLOR_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub(crate) trusted_proxies: Vec<Network>,
    /// Which header these proxies write. `auto` reads `Forwarded` only where there is no `X-Forwarded-For`; name the header where
    /// a proxy writes one and passes the other one on as clients send it.
    #[arg(long, env = "PARLOR_FORWARDED_HEADER", value_enum, default_value = "auto", global = true)]
    pub(crate) forwarded_header: ForwardedHeader,
    /// Further origins whose pages may use the API and the WebSocket, with commas; of any scheme, as packaged apps have them.
    #[arg(long, env = "PARLOR_ORIGINS", value_delimiter = ',', global = true)]
    pub origins: Vec<Origin>,
    /// Which users can be found by name.
    #[arg(long, env = "PARLOR_DIRECTORY", value_enum, default_value = "open", global = true)]
    pub directory: Directory,
    /// Whether guests may join, with a name and without a password.
    #[arg(long, env = "PARLOR_GUESTS", default_value = "on", global = true,
          value_parser = switch("guests may join", "only people with an account may join"))]
    pub guests: Switch,
    /// Whether there is a lobby, a conversation that everyone is in.
    #[arg(long, env = "PARLOR_LOBBY", default_value = "on", global = true,
          value_parser = switch("there is a lobby", "there is no lobby"))]
    pub lobby: Switch,
    /// Older systems' clients that are supported besides native ones, comma-separated. Empty for none.
    #[arg(long, env = "PARLOR_DIALECTS", default_value_t, global = true)]
    pub dialects: Dialects,
    /// Answer an unknown user like a wrong password.
    #[arg(long, env = "PARLOR_UNIFORM_LOGIN_ERRORS", default_value_t = false, action = clap::ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new(),
          global = true)]
    pub uniform_login_errors: bool,
    /// Threads that serve connections; by default one fewer than there are cores, at least one.
    #[arg(long, env = "PARLOR_WORKERS", default_value_t = default_workers(),
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=64), global = true)]
    pub workers: usize,
    /// Password hashes computed at the same time; by default as many as there are cores.
    #[arg(long, env = "PARLOR_HASHES", default_value_t = cores(),
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=256), global = true)]
    pub hashes: usize,
    /// Password hashes that may wait; beyond that requests are answered `busy`.
    #[arg(long, env = "PARLOR_HASH_QUEUE", default_value_t = 64,
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100_000), global = true)]
    pub hash_queue: usize,
    /// Database connections for reading.
    #[arg(long, env = "PARLOR_READERS", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=256),
          global = true)]
    pub readers: u32,
    /// Separate address for `/metrics` (Prometheus); needs no token there unless one is set.
    #[arg(long, env = "PARLOR_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// Token required to read `/metrics`; without one it is served only on the separate address.
    #[arg(long, env = "PARLOR_METRICS_TOKEN", hide_env_values = true, value_parser = Secret::<MetricsToken>::parser(),
          global = true)]
    pub metrics_token: Option<MetricsToken>,
    /// Times and deadlines.
    #[command(flatten)]
    pub pace: Pace,
    /// Sizes and rates.
    #[command(flatten)]
    pub limits: Limits,
}

impl Config {
    /// Ends the process with a message for a wrong setting.
    pub fn from_command_line() -> Self {
        let matches = Self::command_line().get_matches();
        let config = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if let Err(problem) = config.check() {
            Self::command_line().error(ErrorKind::ValueValidation, problem).exit();
        }
        config
    }

    /// The settings of the server appear only in the help of `serve`.
    fn command_line() -> Command {
        let mut command = Self::command();
        // Hands global settings on to the subcommands.
        command.build();
        command.mut_subcommands(|task| if task.get_name() == "serve" { task } else { without_settings(task) })
    }
}

fn without_settings(task: Command) -> Command {
    let has_urls = task.get_name() == "copy";
    let task = task.mut_args(|arg| {
        let is_its_own = !arg.is_global_set() || (arg.get_id() == "database_url" && !has_urls);
        if is_its_own { arg } else { arg.hide(true) }
    });
    task.mut_subcommands(without_settings)
}

/// The commands.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Task {
    /// Serve until SIGTERM or SIGINT; the default.
    Serve,
    /// Manage accounts: add, list, disable, enable, reset passwords. A running server applies it immediately.
    User {
        /// The command.
        #[command(subcommand)]
        task: UserTask,
    },
    /// Copy the database to a new SQLite file, also while a server is running. The copy holds everything acknowledged before
    /// it began, and has its own epoch.
    Backup {
        /// The new file; it must not exist yet.
        file: PathBuf,
    },
    /// Copy a whole database to another one, between SQLite and PostgreSQL in either direction, also while a server is using
    /// the first. The copy holds everything acknowledged before it began, and has its own epoch.
    Copy {
        /// The database to read, as `sqlite:<file>` or `postgres://<user>@<host>/<database>`.
        #[arg(long, value_name = "URL", value_parser = Secret::<DatabaseUrl>::parser())]
        from: DatabaseUrl,
        /// The database to write: an SQLite file that does not exist yet, or an empty PostgreSQL database.
        #[arg(long, value_name = "URL", value_parser = Secret::<DatabaseUrl>::parser())]
        to: DatabaseUrl,
    },
    /// Check the database for consistency, also while a server is running, and report problems. Changes nothing.
    Verify {
        /// Give the database a new epoch if it is consistent, as after restoring an older copy by hand: clients then reload
        /// everything. Refused while a server is running.
        #[arg(long)]
        new_epoch: bool,
    },
    /// Update the database schema to this version, as a start does. Refused while a server is running.
    Migrate,
}

/// Commands about accounts.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum UserTask {
    /// Create an account. The password is prompted for, or read as one line from standard input. Reserved names are allowed.
    Add {
        /// 2 to 32 letters, digits, `_`, `.` or `-`, beginning with a letter or digit.
        name: String,
        /// Make the account an administrator.
        #[arg(long)]
        admin: bool,
    },
    /// List accounts, guests and bots, by name.
    List,
    /// Disable an account: it can no longer log in, and its logins and connections end.
    Disable {
        /// The username.
        name: String,
    },
    /// Enable a disabled account.
    Enable {
        /// The username.
        name: String,
    },
    /// Set a new password for an account, and end its logins and connections. The password is prompted for, or read as one
    /// line from standard input.
    ResetPassword {
        /// The username.
        name: String,
    },
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The feature is available.
    On,
    /// The feature is switched off.
    Off,
}

/// Reads `on` and `off`, each with what it means for this setting.
fn switch(on: &'static str, off: &'static str) -> impl TypedValueParser<Value = Switch> {
    let values = [PossibleValue::new("on").help(on), PossibleValue::new("off").help(off)];
    PossibleValuesParser::new(values).map(|value| if value == "on" { Switch::On } else { Switch::Off })
}

/// Grace periods and deadlines, in seconds.
#[derive(Clone, Copy, Debug, Args)]
pub struct Pace {
    /// Seconds a user remains online after losing the last connection.
    #[arg(long, env = "PARLOR_PRESENCE_GRACE_SECONDS", default_value_t = 10, global = true)]
    pub presence_grace_seconds: u32,
    /// Seconds until a room that is not kept is deleted once none of its members is connected.
    #[arg(long, env = "PARLOR_ROOM_GRACE_SECONDS", default_value_t = 60, global = true)]
    pub room_grace_seconds: u32,
    /// Seconds for a room that only its creator has been in, instead of the room grace: a link that was just shared still
    /// works.
    #[arg(long, env = "PARLOR_ROOM_INVITE_SECONDS", default_value_t = 3_600, global = true)]
    pub room_invite_seconds: u32,
    /// Seconds a guest of the lobby dialect's login has to connect.
    #[arg(long, env = "PARLOR_LOBBY_LOGIN_SECONDS", default_value_t = 60, global = true)]
    pub lobby_login_seconds: u32,
    /// Seconds after joining in which clients of the contacts dialect receive nothing: they attach their handlers then.
    #[arg(long, env = "PARLOR_CONTACTS_SETTLE_SECONDS", default_value_t = 3, global = true)]
    pub contacts_settle_seconds: u32,
    /// Seconds without `connection_alive` after which the token of a contacts client ends; 0: never.
    #[arg(long, env = "PARLOR_CONTACTS_KEEP_ALIVE_SECONDS", default_value_t = 0, global = true)]
    pub contacts_keep_alive_seconds: u32,
    /// Seconds between two pings of the server.
    #[arg(long, env = "PARLOR_HEARTBEAT_SECONDS", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..),
          global = true)]
    pub heartbeat_seconds: u32,
    /// Seconds a ping may remain unanswered before the connection is closed.
    #[arg(long, env = "PARLOR_HEARTBEAT_TIMEOUT_SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub heartbeat_timeout_seconds: u32,
    /// Seconds a connection has to send hello before it is closed.
    #[arg(long, env = "PARLOR_HELLO_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..),
          global = true)]
    pub hello_seconds: u32,
}

/// The token of a monitoring system. Not shown by `Debug`, so that it cannot be logged by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    /// Only for comparing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsToken(…)")
    }
}

impl std::str::FromStr for MetricsToken {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.chars().any(|c| !c.is_ascii_graphic()) {
            return Err("expected letters, digits and signs without spaces".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn default_workers() -> usize {
    cores().saturating_sub(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_fit_together() {
        Config::command().debug_assert();
        let help = |command: &mut Command| command.render_long_help().to_string();
        let mut command = Config::command_line();
        assert!(help(&mut command).contains("--user-connections"));
        assert!(help(&mut command).contains("guests may join") && help(&mut command).contains("there is no lobby"));
        let user = command.find_subcommand_mut("user").unwrap();
        let add = help(user.find_subcommand_mut("add").unwrap());
        assert!(add.contains("--admin") && add.contains("--database-url") && !add.contains("--listen"), "{add}");
        let copy = help(command.find_subcommand_mut("copy").unwrap());
        assert!(
            copy.contains("--from <URL>") && copy.contains("--to <URL>") && !copy.contains("--database-url"),
            "{copy}"
        );
    }
}
