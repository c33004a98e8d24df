//! What an operator does with the binary beside the server: accounts, backups, checks, migrations, metrics.

mod copies;
mod faults;
mod metrics;
mod users;
