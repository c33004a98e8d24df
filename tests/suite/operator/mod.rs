//! What an operator does with the binary beside the server: accounts, backups, copies, checks, migrations, metrics.

mod copies;
mod copy;
mod faults;
mod metrics;
mod postgres;
mod scratch;
mod users;
