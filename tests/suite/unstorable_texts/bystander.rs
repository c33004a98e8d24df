//! A user who does nothing wrong meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, Result, spawn};

use crate::kit::*;

/// Sends one message after the other, each of which must be acknowledged.
pub struct Bystander {
    is_over: Arc<AtomicBool>,
    sending: Option<JoinHandle<u64>>,
}

impl Bystander {
    pub fn start(person: Person) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let sending = spawn(move || {
            let (session, _) = room(&person, json!({"keep": true}));
            let mut socket = person.connect();
            let mut sent = 0;
            while !ends.load(Ordering::Relaxed) {
                socket.send_message(&session, "hello");
                sent += 1;
            }
            assert_eq!(number(&seen(&person, &session), "seq"), sent);
            sent
        });
        Self { is_over, sending: Some(sending) }
    }

    /// Fails where a message was not acknowledged.
    #[track_caller]
    pub fn finish(mut self) {
        let sent = self.stop().expect("it runs").expect("every message of the bystander is acknowledged");
        assert!(sent > 0, "the bystander sent nothing");
    }

    fn stop(&mut self) -> Option<Result<u64>> {
        self.is_over.store(true, Ordering::Relaxed);
        self.sending.take().map(JoinHandle::join)
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        // Where the test has failed already, its failure is the one to show.
        let _ = self.stop();
    }
}
