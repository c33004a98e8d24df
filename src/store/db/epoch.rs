//! The identity of a database's history.

use crate::domain::SessionId;

/// A random epoch, which no database has.
pub(crate) fn new_epoch() -> String {
    SessionId::random().to_string()
}
