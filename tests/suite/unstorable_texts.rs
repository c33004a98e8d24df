//! Texts that a database cannot store or look up, in every text that a client sends: with a NUL character, which PostgreSQL
//! refuses, and longer than any key of an index. Each is answered like any other invalid or unknown value, and nobody else's
//! transaction fails with it.

mod answers;
mod bystander;
mod examples;
mod fixture;
mod frames;
mod requests;
mod texts;

pub use fixture::{Fixture, check_answer, check_reply};
pub use texts::{unstorable, variants};
