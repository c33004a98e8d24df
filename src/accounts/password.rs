//! Hashing passwords with argon2id, off the event loops: as many at once as there are cores, a bounded line behind them.
//!
//! Parameters are OWASP's (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>): 19 MiB,
//! two passes, one lane, which are the crate's defaults.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::oneshot;

use crate::model::Refusal;

type Work = Box<dyn FnOnce() + Send>;

/// Hashes and compares on threads of its own: each keeps the 19 MiB that one hash needs, while the many threads of a
/// common pool would each come to keep as much. Cheap to clone; all clones share the line.
#[derive(Clone)]
pub struct Hasher {
    line: SyncSender<Work>,
    /// What an unknown user's password is compared with, so that it costs the same.
    nobody: Arc<str>,
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

impl Hasher {
    /// `at_once` hashes run at the same time, `line` more may wait.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn new(at_once: usize, line: usize) -> std::io::Result<Self> {
        let nobody = argon2().hash_password(b"nobody has this password").map(|hash| hash.to_string());
        let (sender, receiver) = sync_channel(line);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..at_once.max(1) {
            let receiver = Arc::clone(&receiver);
            std::thread::Builder::new().name("hasher".to_owned()).spawn(move || serve(&receiver))?;
        }
        Ok(Self { line: sender, nobody: nobody.unwrap_or_default().into() })
    }

    /// A new PHC string of `password`.
    ///
    /// # Errors
    /// `busy` where the line is too long.
    pub async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.run(move || match argon2().hash_password(password.as_bytes()) {
            Ok(hash) => Ok(hash.to_string()),
            Err(error) => {
                log::error!("argon2: {error}");
                Err(Refusal::Internal)
            }
        })
        .await?
    }

    /// True where `password` is the one of the PHC string `kept`. Without one it costs the same and is false.
    ///
    /// # Errors
    /// `busy` where the line is too long.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, Refusal> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.to_string());
        let fits = self.run(move || {
            PasswordHash::new(&kept).is_ok_and(|kept| argon2().verify_password(password.as_bytes(), &kept).is_ok())
        });
        Ok(fits.await? && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let (done, answer) = oneshot::channel();
        let work: Work = Box::new(move || drop(done.send(work())));
        self.line.try_send(work).map_err(|_| Refusal::Busy)?;
        answer.await.map_err(|_| Refusal::Internal)
    }
}

/// One thread of the line; ends with the last [`Hasher`].
fn serve(line: &Mutex<Receiver<Work>>) {
    loop {
        let next = line.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_is_its_own_and_nobody_elses() {
        let hasher = Hasher::new(1, 1).unwrap();
        let kept = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(hasher.verify("correct horse".to_owned(), Some(kept.clone())).await, Ok(true));
        assert_eq!(hasher.verify("battery staple".to_owned(), Some(kept)).await, Ok(false));
        assert_eq!(hasher.verify("nobody has this password".to_owned(), None).await, Ok(false));
    }
}
