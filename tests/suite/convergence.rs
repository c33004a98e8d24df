//! Sync equals load: after any walk of random actions, cuts, stops and kills, what a client holds after `sync` from any
//! `rev` is what a fresh load gives.
//!
//! `PARLOR_TEST_SEED` walks the same way again, `PARLOR_TEST_ACTIONS` walks further.

mod accounts;
mod check;
pub mod client;
mod coming;
mod gather;
mod talk;
mod truth;
mod walk;

use walk::Walk;

use crate::kit::*;

#[test]
fn what_a_client_holds_after_sync_is_what_a_fresh_load_gives() {
    let mut walk = Walk::new(Random::new(seed()));
    for _ in 0..knob("PARLOR_TEST_ACTIONS", 400) {
        walk.step();
    }
    walk.finish();
}
