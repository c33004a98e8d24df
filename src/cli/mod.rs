//! The operator's commands: accounts, backups, copies, checks, migrations. A file per command.
//!
//! Each is a process of its own. Reads use a snapshot of the database; changes of accounts are requested from the running
//! server, or made here where none runs.

mod backup;
mod check;
mod copy;
mod long_work;
mod migrate;
mod partial;
mod password;
mod people;
mod user;

use std::io;
use std::path::PathBuf;

use crate::config::{Task, UserTask};
use crate::domain::{Refusal, Username};
use crate::store::requests::{OperatorAction, OperatorRequest};
use crate::store::{Location, StartError};

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] StartError),
    /// Refused by this process.
    #[error("{0}")]
    Refused(Refusal),
    /// Refused by the running server.
    #[error("{0}")]
    Answered(String),
    /// The running server does not reply.
    #[error("the server using {0} does not respond; nothing was changed")]
    Silent(String),
    /// The input is no password.
    #[error("{0}; nothing was changed")]
    Password(&'static str),
    /// A file that must not exist.
    #[error("{0} already exists; it was not changed")]
    Exists(PathBuf),
    /// An error of the file system.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// Of a copy; also where its outcome is unknown, because the connection was lost.
    #[error("the copy failed: {0}; `parlor verify` shows what is wrong with a database")]
    Copy(String),
    /// Standard input or output.
    #[error("{0}")]
    Stream(#[from] io::Error),
    /// By a signal.
    #[error("stopped; the incomplete copy was removed")]
    Stopped,
    /// The consistency check has found faults.
    #[error("{0}: {1} found")]
    Faults(String, String),
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

/// Runs a command on the database at `location`; new passwords have at least `password_min` characters.
///
/// # Errors
/// With a message for the operator.
pub async fn run(task: Task, location: &Location, password_min: u32) -> Result<(), Failure> {
    match task {
        // `main` serves.
        Task::Serve => Ok(()),
        Task::User { task: UserTask::List } => people::list(location),
        Task::User { task } => user::change(&request(task, password_min)?, location).await,
        Task::Backup { file } => backup::backup(location, file).await,
        Task::Copy { from, to } => copy::copy(&from, &to).await,
        Task::Verify { new_epoch } => check::verify(location, new_epoch),
        Task::Migrate => migrate::migrate(location),
    }
}

/// The request for a command. The name is validated before the password is prompted for.
fn request(task: UserTask, password_min: u32) -> Result<OperatorRequest, Failure> {
    let (action, name, admin) = match task {
        UserTask::Add { name, admin } => (OperatorAction::Add, name, admin),
        UserTask::Disable { name } => (OperatorAction::Disable, name, false),
        UserTask::Enable { name } => (OperatorAction::Enable, name, false),
        UserTask::ResetPassword { name } => (OperatorAction::ResetPassword, name, false),
        UserTask::List => (OperatorAction::Enable, String::new(), false),
    };
    let username = Username::parse(&name)?;
    let password = match action {
        OperatorAction::Add | OperatorAction::ResetPassword => Some(password::prompt(username.as_str(), password_min)?),
        OperatorAction::Disable | OperatorAction::Enable => None,
    };
    Ok(OperatorRequest { action, username, password, admin })
}
