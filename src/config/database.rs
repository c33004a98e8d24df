//! The database's URL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

/// The database, chosen by the scheme of its URL. Displayed without user and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(PostgresUrl),
}

/// A URL of libpq, with its parameters (<https://www.postgresql.org/docs/current/libpq-connect.html>). It may have a password,
/// so that neither `Debug` nor `Display` show more than host and database, and libpq finds nothing to quote in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Url);

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:")
            && !path.is_empty()
            && !path.contains(":memory:")
        {
            return Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text.parse().map(Self::Postgres);
        }
        Err("expected `sqlite:<file>`, as in `sqlite:parlor.db`, or `postgres://<user>@<host>/<database>`".to_owned())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl FromStr for PostgresUrl {
    type Err = String;

    /// No error names a part of the URL.
    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("not a URL: {error}; {ESCAPES}"))?;
        let has_password_in_path = url.path().contains('@') || url.path().matches('/').count() > 1;
        if has_password_in_path || url.fragment().is_some() || !is_percent_encoded(text) {
            return Err(format!("not a URL; {ESCAPES}"));
        }
        if url.path().trim_matches('/').is_empty() {
            return Err("the URL names no database; expected `postgres://<user>@<host>/<database>`".to_owned());
        }
        let mut parameters = url.query().into_iter().flat_map(|query| query.split('&'));
        if parameters.any(|parameter| parameter.matches('=').count() != 1) {
            return Err(format!("behind `?` expected `<name>=<value>`, with `&` between; {ESCAPES}"));
        }
        Ok(Self(url))
    }
}

const ESCAPES: &str = "in user and password write `/` as `%2F`, `?` as `%3F`, `#` as `%23`, `@` as `%40` and `%` as `%25`, \
                       in values behind `?` also `=` as `%3D` and `&` as `%26`";

/// True where each `%` begins the number of a byte other than zero, as libpq demands.
fn is_percent_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let digits = rest.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        digits.is_some_and(|digits| digits != "00")
    })
}

impl PostgresUrl {
    /// The URL with these parameters added where it does not set them itself.
    pub(crate) fn with_defaults(&self, defaults: &[(&str, &str)]) -> String {
        let set: Vec<String> = self.0.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let mut url = self.0.as_str().trim_end_matches('?').to_owned();
        for (name, value) in defaults.iter().filter(|(name, _)| !set.iter().any(|known| known == name)) {
            url.push(if url.contains('?') { '&' } else { '?' });
            // libpq reads `+` as itself and not as a space.
            let value = form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20");
            url.push_str(&format!("{name}={value}"));
        }
        url
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.query_pairs().find(|(name, _)| name == "host").map(|(_, host)| host.into_owned());
        let host = host.or_else(|| self.0.host_str().map(str::to_owned)).unwrap_or_default();
        write!(f, "postgres://{host}")?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> DatabaseUrl {
        text.parse().unwrap()
    }

    #[test]
    fn the_scheme_chooses_the_database() {
        assert_eq!(parse("sqlite:parlor.db"), DatabaseUrl::Sqlite("parlor.db".into()));
        assert_eq!(parse("sqlite:///var/lib/parlor.db"), DatabaseUrl::Sqlite("/var/lib/parlor.db".into()));
        for url in ["postgres://avi@localhost/parlor", "postgresql://localhost/parlor", "postgres:///parlor?host=/run"]
        {
            assert!(matches!(parse(url), DatabaseUrl::Postgres(_)), "{url}");
        }
        for url in ["parlor.db", "sqlite:", "sqlite::memory:", "mysql://localhost/parlor", "postgres://localhost/", ""]
        {
            url.parse::<DatabaseUrl>().unwrap_err();
        }
    }

    #[test]
    fn no_password_is_displayed() {
        let url = parse("postgres://avi:secret@db.example:5433/parlor?sslmode=require&password=secret");
        assert_eq!(url.to_string(), "postgres://db.example:5433/parlor");
        assert!(!format!("{url:?}").contains("secret"));
        for url in [
            "postgres://avi:secret@db:port/parlor",
            "postgres://avi:secret/7@db/parlor",
            "postgres://avi:7/secret@db/parlor",
            "postgres://avi:7#secret@db/parlor",
            "postgres://avi:7?secret@db/parlor",
            "postgres://avi:secret%zz@db/parlor",
            "postgres://avi:secret%00@db/parlor",
            "postgres://avi@db/parlor?secret",
            "postgres://avi@db/parlor?password=sec=ret",
            "postgres://avi@db/parlor?password=a&secret",
        ] {
            let error = url.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.contains("sec"), "{url}: {error}");
        }
    }

    #[test]
    fn defaults_do_not_replace_parameters() {
        let DatabaseUrl::Postgres(url) = parse("postgres://db/parlor?connect_timeout=9") else { panic!() };
        let full = url.with_defaults(&[("connect_timeout", "3"), ("application_name", "a b")]);
        assert_eq!(full, "postgres://db/parlor?connect_timeout=9&application_name=a%20b");
        let DatabaseUrl::Postgres(url) = parse("postgres://avi:a+%2B@db/parlor") else { panic!() };
        assert_eq!(url.with_defaults(&[("a", "b")]), "postgres://avi:a+%2B@db/parlor?a=b");
    }
}
