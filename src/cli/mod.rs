//! What an operator does beside the server: accounts, backups, checks, migrations. A file per command.
//!
//! Each is a process of its own. What only reads does so in a snapshot of its own; what changes accounts is handed to the
//! server that runs, or done here where none does.

mod backup;
mod check;
mod migrate;
mod password;
mod people;
mod user;

use std::io;
use std::path::PathBuf;

use crate::config::{Task, UserTask};
use crate::domain::{Refusal, Username};
use crate::store::requests::{Action, Request};
use crate::store::{Location, StartError};

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] StartError),
    /// A rule says no.
    #[error("{0}")]
    Refused(Refusal),
    /// The running server says no.
    #[error("{0}")]
    Answered(String),
    /// The running server says nothing.
    #[error("the server using {0} does not respond; nothing was changed")]
    Silent(PathBuf),
    /// What was typed is no password.
    #[error("{0}; nothing was changed")]
    Password(&'static str),
    /// A file that must not be there.
    #[error("{0} already exists; it was not changed")]
    Exists(PathBuf),
    /// The file system says no.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// Neither in nor out.
    #[error("{0}")]
    Stream(#[from] io::Error),
    /// A signal came.
    #[error("stopped; the incomplete copy was removed")]
    Stopped,
    /// The check found something.
    #[error("{0}: {1} found")]
    Faults(PathBuf, String),
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        match error {
            crate::store::Error::Refused(refusal) => Self::Refused(refusal),
            crate::store::Error::Database(error) => Self::Database(error.into()),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Does what is asked, on the database at `location`; new passwords have at least `password_min` characters.
///
/// # Errors
/// Says why not, for the operator to read.
pub async fn run(task: Task, location: &Location, password_min: u32) -> Result<(), Failure> {
    match task {
        // Serving is the entrance's own.
        Task::Serve => Ok(()),
        Task::User { task: UserTask::List } => people::list(location),
        Task::User { task } => user::change(&request(task, password_min)?, location).await,
        Task::Backup { file } => backup::backup(location, file).await,
        Task::Verify { new_epoch } => check::verify(location, new_epoch),
        Task::Migrate => migrate::migrate(location),
    }
}

/// The command as the server is asked. The name is looked at first, since nobody likes to type a password for nothing.
fn request(task: UserTask, password_min: u32) -> Result<Request, Failure> {
    let (action, name, admin) = match task {
        UserTask::Add { name, admin } => (Action::Add, name, admin),
        UserTask::Disable { name } => (Action::Disable, name, false),
        UserTask::Enable { name } => (Action::Enable, name, false),
        UserTask::ResetPassword { name } => (Action::ResetPassword, name, false),
        UserTask::List => (Action::Enable, String::new(), false),
    };
    let username = Username::parse(&name)?;
    let password = match action {
        Action::Add | Action::ResetPassword => Some(password::ask(username.as_str(), password_min)?),
        Action::Disable | Action::Enable => None,
    };
    Ok(Request { action, username, password, admin })
}

/// Where the database is, for messages.
fn place(location: &Location) -> PathBuf {
    let Location::Sqlite(path) = location;
    path.clone()
}
