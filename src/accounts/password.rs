//! Hashing passwords with argon2id, off the event loops: as many at once as there are cores, a bounded line behind them.
//!
//! Parameters are OWASP's (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>): 19 MiB,
//! two passes, one lane, which are the crate's defaults.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::model::Refusal;

/// Hashes and compares. Cheap to clone; all clones share the line.
#[derive(Clone)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    line: Arc<AtomicUsize>,
    longest: usize,
    /// What an unknown user's password is compared with, so that it costs the same.
    nobody: Arc<str>,
}

/// A place in the line, given back however one leaves it.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

impl Hasher {
    /// `at_once` hashes run at the same time, `line` more may wait.
    pub fn new(at_once: usize, line: usize) -> Self {
        let nobody = argon2().hash_password(b"nobody has this password").map(|hash| hash.to_string());
        Self {
            permits: Arc::new(Semaphore::new(at_once.max(1))),
            line: Arc::new(AtomicUsize::new(0)),
            longest: at_once.max(1).saturating_add(line),
            nobody: nobody.unwrap_or_default().into(),
        }
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
            PasswordHash::new(&kept)
                .is_ok_and(|kept| argon2().verify_password(password.as_bytes(), &kept).is_ok())
        });
        Ok(fits.await? && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let before = self.line.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&self.line));
        if before >= self.longest {
            return Err(Refusal::Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Refusal::Unavailable)?;
        let work = move || {
            let _held = (permit, place);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_is_its_own_and_nobody_elses() {
        let hasher = Hasher::new(1, 1);
        let kept = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(hasher.verify("correct horse".to_owned(), Some(kept.clone())).await, Ok(true));
        assert_eq!(hasher.verify("battery staple".to_owned(), Some(kept)).await, Ok(false));
        assert_eq!(hasher.verify("nobody has this password".to_owned(), None).await, Ok(false));
    }
}
