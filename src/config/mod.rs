//! Every knob: name, default, meaning. Checked once at the start, and the only reader of the environment; each part of
//! the house is handed just what it needs.

mod dialects;
mod limits;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use dialects::{Dialect, Dialects};
pub use limits::Limits;

use crate::limits::Network;

/// Parlor: a chat backend in one binary. Without any setting it serves on http://127.0.0.1:5000 and keeps its data in
/// `parlor.db`.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlor", version, about, long_about = None)]
pub struct Config {
    /// What to do; `serve` without one.
    #[command(subcommand)]
    pub task: Option<Task>,
    /// Where to listen; port 0 picks a free one.
    #[arg(long, env = "PARLOR_LISTEN", default_value = "127.0.0.1:5000", global = true)]
    pub listen: SocketAddr,
    /// Where data is kept: `sqlite:<file>`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:parlor.db", hide_env_values = true, global = true)]
    pub database_url: DatabaseUrl,
    /// What to log: a level, or a list as env_logger reads it.
    #[arg(long, env = "RUST_LOG", default_value = "info", global = true)]
    pub log: String,
    /// Where people reach this server; only this origin is then its own, and `https` makes cookies `Secure`.
    #[arg(long, env = "PARLOR_PUBLIC_URL", global = true)]
    pub public_url: Option<Origin>,
    /// Proxies whose `X-Forwarded-For` counts: addresses or networks, with commas.
    #[arg(long, env = "PARLOR_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<Network>,
    /// Further origins whose pages may use the API and the WebSocket, with commas.
    #[arg(long, env = "PARLOR_ORIGINS", value_delimiter = ',', global = true)]
    pub origins: Vec<Origin>,
    /// Who finds whom by name: everyone, or only people who share a session.
    #[arg(long, env = "PARLOR_DIRECTORY", value_enum, default_value = "open", global = true)]
    pub directory: Directory,
    /// Whether people may come in with a name and nothing else.
    #[arg(long, env = "PARLOR_GUESTS", value_enum, default_value = "on", global = true)]
    pub guests: Switch,
    /// Whether there is a lobby, a session that everybody is in.
    #[arg(long, env = "PARLOR_LOBBY", value_enum, default_value = "on", global = true)]
    pub lobby: Switch,
    /// Which older systems' clients are served beside the native ones, with commas: `contacts`, `lobby`, `sessions`, `rooms`.
    #[arg(long, env = "PARLOR_DIALECTS", default_value = "contacts,lobby,sessions,rooms", global = true)]
    pub dialects: Dialects,
    /// Answer an unknown user like a wrong password.
    #[arg(long, env = "PARLOR_UNIFORM_LOGIN_ERRORS", default_value_t = false, action = clap::ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new(),
          global = true)]
    pub uniform_login_errors: bool,
    /// Threads that serve sockets; one fewer than there are cores, at least one.
    #[arg(long, env = "PARLOR_WORKERS", default_value_t = default_workers(),
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=64), global = true)]
    pub workers: usize,
    /// Passwords hashed at the same time; as many as there are cores.
    #[arg(long, env = "PARLOR_HASHES", default_value_t = cores(), global = true)]
    pub hashes: usize,
    /// Passwords that may wait to be hashed; more are answered `busy`.
    #[arg(long, env = "PARLOR_HASH_QUEUE", default_value_t = 64, global = true)]
    pub hash_queue: usize,
    /// Database connections for reading.
    #[arg(long, env = "PARLOR_READERS", default_value_t = 4, global = true)]
    pub readers: u32,
    /// Another address that answers `/metrics` for Prometheus, without a token if none is set; none.
    #[arg(long, env = "PARLOR_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// The token with which `/metrics` may be read, here and at the other address; without it, only there.
    #[arg(long, env = "PARLOR_METRICS_TOKEN", hide_env_values = true, global = true)]
    pub metrics_token: Option<MetricsToken>,
    /// Times and deadlines.
    #[command(flatten)]
    pub pace: Pace,
    /// Sizes and rates.
    #[command(flatten)]
    pub limits: Limits,
}

impl Config {
    /// What the command line and the environment say; where they say something wrong, the process ends with a message that
    /// names it.
    pub fn from_command_line() -> Self {
        let matches = Self::told().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The command line, with help that fits what it is asked of: a hundred settings of a server are no help to whoever
    /// wants to add a user.
    fn told() -> Command {
        let mut command = Self::command();
        // Settings reach the commands below only now.
        command.build();
        command.mut_subcommands(|task| if task.get_name() == "serve" { task } else { without_settings(task) })
    }
}

fn without_settings(task: Command) -> Command {
    let task = task.mut_args(|arg| {
        let is_its_own = !arg.is_global_set() || arg.get_id() == "database_url";
        if is_its_own { arg } else { arg.hide(true) }
    });
    task.mut_subcommands(without_settings)
}

/// What the binary is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Task {
    /// Serve until SIGTERM or SIGINT; the default.
    Serve,
    /// Add, list, disable and enable accounts, and give them new passwords; a running server carries it out at once.
    User {
        /// What to do.
        #[command(subcommand)]
        task: UserTask,
    },
    /// Copy the database into a new file, also while a server runs. The copy holds everything that was acknowledged before,
    /// and has an epoch of its own.
    Backup {
        /// The copy; it must not exist yet.
        file: PathBuf,
    },
    /// Check that the database keeps its promises, also while a server runs, and say what is wrong. Changes nothing.
    Verify {
        /// Give the database a new epoch if it is in order, as after putting back an older copy by hand: clients then load
        /// afresh. Refused while a server runs.
        #[arg(long)]
        new_epoch: bool,
    },
    /// Bring the database up to date with this version, as a start does. Refused while a server runs.
    Migrate,
}

/// What is to be done about accounts.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum UserTask {
    /// Make an account. The password is asked for, or read as one line from standard input. Reserved names are allowed.
    Add {
        /// 3 to 32 letters, digits, `_`, `.` or `-`, beginning with a letter or digit.
        name: String,
        /// An administrator.
        #[arg(long)]
        admin: bool,
    },
    /// List accounts, guests and bots, by name.
    List,
    /// Let an account log in no more, and end its logins and connections.
    Disable {
        /// Whose.
        name: String,
    },
    /// Let a disabled account log in again.
    Enable {
        /// Whose.
        name: String,
    },
    /// Give an account a new password, and end its logins and connections. The password is asked for, or read as one line
    /// from standard input.
    ResetPassword {
        /// Whose.
        name: String,
    },
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// There is such a thing.
    On,
    /// There is not.
    Off,
}

/// Who finds whom by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Directory {
    /// Everyone who is logged in finds everyone.
    Open,
    /// Only people who share a direct session, group or room find each other.
    Closed,
}

/// Seconds that the server waits for something.
#[derive(Clone, Copy, Debug, Args)]
pub struct Pace {
    /// A user stays online for so long after the last connection was lost.
    #[arg(long, env = "PARLOR_PRESENCE_GRACE_SECONDS", default_value_t = 10, global = true)]
    pub presence_grace_seconds: u32,
    /// A room that is not kept goes when none of its members has been connected for so long.
    #[arg(long, env = "PARLOR_ROOM_GRACE_SECONDS", default_value_t = 60, global = true)]
    pub room_grace_seconds: u32,
    /// A room that is not kept and that only its creator has been in ends after being empty for so long instead: a link that
    /// was just shared still works.
    #[arg(long, env = "PARLOR_ROOM_INVITE_SECONDS", default_value_t = 3_600, global = true)]
    pub room_invite_seconds: u32,
    /// A guest of the lobby dialect's login who has not connected after so long is gone.
    #[arg(long, env = "PARLOR_LOBBY_LOGIN_SECONDS", default_value_t = 60, global = true)]
    pub lobby_login_seconds: u32,
    /// Clients of the contacts dialect are told nothing for so long after they joined: they attach their handlers then.
    #[arg(long, env = "PARLOR_CONTACTS_SETTLE_SECONDS", default_value_t = 3, global = true)]
    pub contacts_settle_seconds: u32,
    /// The token of a client of the contacts dialect ends when it has not said `connection_alive` for so long; 0: never.
    #[arg(long, env = "PARLOR_CONTACTS_KEEP_ALIVE_SECONDS", default_value_t = 0, global = true)]
    pub contacts_keep_alive_seconds: u32,
    /// Time between two pings of the server.
    #[arg(long, env = "PARLOR_HEARTBEAT_SECONDS", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..),
          global = true)]
    pub heartbeat_seconds: u32,
    /// A connection that leaves a ping unanswered for so long is closed.
    #[arg(long, env = "PARLOR_HEARTBEAT_TIMEOUT_SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub heartbeat_timeout_seconds: u32,
    /// A connection that has not said hello after so long is closed.
    #[arg(long, env = "PARLOR_HELLO_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..),
          global = true)]
    pub hello_seconds: u32,
}

/// What a monitoring system says to be let in. Never shown by `Debug`, so it cannot reach a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    /// To compare with, and nothing else.
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

/// Where data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of SQLite's.
    Sqlite(PathBuf),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() && !path.contains(":memory:") => {
                Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).into()))
            }
            _ => Err("expected `sqlite:<file>`, as in `sqlite:parlor.db`".to_owned()),
        }
    }
}

/// Scheme, host and port of a page, as a browser's `Origin` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True where cookies must not travel without TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl std::str::FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
                // Browsers leave the scheme's own port out.
                let own = if text.starts_with("https:") { ":443" } else { ":80" };
                Ok(Self(text.strip_suffix(own).unwrap_or(&text).to_owned()))
            }
            _ => Err("expected an origin like `https://chat.example.org`, without a path".to_owned()),
        }
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
        let mut told = Config::told();
        assert!(help(&mut told).contains("--user-connections"));
        let user = told.find_subcommand_mut("user").unwrap();
        let add = help(user.find_subcommand_mut("add").unwrap());
        assert!(add.contains("--admin") && add.contains("--database-url") && !add.contains("--listen"), "{add}");
    }

    #[test]
    fn origins_are_said_as_browsers_say_them() {
        let origin = |text: &str| text.parse::<Origin>().map(|origin| origin.as_str().to_owned());
        assert_eq!(origin("https://Chat.example.org:443/"), Ok("https://chat.example.org".to_owned()));
        assert_eq!(origin("http://127.0.0.1:5000"), Ok("http://127.0.0.1:5000".to_owned()));
        for bad in ["chat.example.org", "https://", "https://a/b", "ftp://a"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
