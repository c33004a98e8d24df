//! Connecting to PostgreSQL, and what to do where that fails.

use diesel::prelude::*;

use crate::config::PostgresUrl;
use crate::store::StartError;

/// Parameters of libpq that the URL may override. A server that is gone is noticed after seconds and not after minutes.
const PARAMETERS: [(&str, &str); 7] = [
    ("application_name", "parlor"),
    ("connect_timeout", "3"),
    ("keepalives_idle", "2"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "4000"),
    ("client_encoding", "UTF8"),
];

/// How a database is created that can store every text.
pub(super) const CREATE: &str = "create one with `createdb --template=template0 --encoding=UTF8`";

/// Parts of PostgreSQL's messages, and what to do.
const HINTS: [(&str, &str); 8] = [
    ("password authentication failed", "give user and password in DATABASE_URL, or the password in ~/.pgpass"),
    ("no password supplied", "give the password in DATABASE_URL or in ~/.pgpass"),
    ("role \"", "give the user in DATABASE_URL, as in `postgres://<user>@<host>/<database>`"),
    ("no pg_hba.conf entry", "permit this user and host in PostgreSQL's pg_hba.conf"),
    (
        "SSL",
        "this program cannot encrypt its connection to PostgreSQL: use a Unix socket or a private network, without TLS",
    ),
    ("too many clients", "raise PostgreSQL's max_connections, or lower PARLOR_READERS"),
    ("could not translate host name", "set the host in DATABASE_URL"),
    ("timeout expired", "is PostgreSQL running there, and may it be reached from here?"),
];

pub(super) fn connect(url: &PostgresUrl) -> Result<PgConnection, StartError> {
    PgConnection::establish(&url.with_defaults(&PARAMETERS)).map_err(|error| explain(url, &error.to_string()))
}

fn explain(url: &PostgresUrl, error: &str) -> StartError {
    // libpq wraps its messages.
    let mut text = error.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.contains("FATAL: database \"") && text.contains("does not exist") {
        return StartError::Uncreated(url.to_string(), CREATE);
    }
    if let Some((_, hint)) = HINTS.iter().find(|(part, _)| text.contains(part)) {
        text.push_str("; ");
        text.push_str(hint);
    }
    StartError::Open(format!("{url}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DatabaseUrl;

    #[test]
    fn an_error_of_a_connection_shows_what_to_do_and_no_password() {
        let Ok(DatabaseUrl::Postgres(url)) = "postgres://avi:secret@db/parlor".parse() else { panic!() };
        for (error, named) in [
            ("connection to server at \"db\" failed: FATAL:  database \"parlor\" does not exist\n", "createdb"),
            (
                "connection to server at \"db\" failed: FATAL:  password authentication failed for user \"avi\"",
                ".pgpass",
            ),
            ("connection failed: Connection refused\n\tIs the server running on that host", "refused Is the server"),
        ] {
            let text = explain(&url, error).to_string();
            assert!(
                text.contains(named) && text.contains("postgres://db/parlor") && !text.contains("secret"),
                "{text}"
            );
        }
    }
}
