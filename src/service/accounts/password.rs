//! Hashing passwords with argon2id, on threads of its own behind a bounded queue that is fair between addresses and accounts.
//!
//! Parameters are OWASP's (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>): 19 MiB,
//! two passes, one lane, which are the crate's defaults.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use super::fair_queue::FairQueue;
use super::password_policy;
use crate::domain::Refusal;
use crate::rate_limit::Address;

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

type Memory = Vec<Block>;
type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// Each thread reuses its memory: allocating 19 MiB for each hash would fragment several hundred MiB. Cheap to clone; all
/// clones share the queue, and the threads end with the last one.
#[derive(Clone)]
pub(crate) struct Hasher {
    queue: Arc<CloseOnDrop>,
    /// Compared with the passwords of unknown users, so that they cost the same.
    decoy: Arc<str>,
}

/// The address and the account between which the queue is fair.
pub(super) type Share = (Address, String);

struct HashQueue {
    /// `None` once it is closed.
    work: Mutex<Option<FairQueue<Address, String, Work>>>,
    changed: Condvar,
}

struct CloseOnDrop(Arc<HashQueue>);

impl HashQueue {
    fn lock(&self) -> MutexGuard<'_, Option<FairQueue<Address, String, Work>>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work; `None` once the queue is closed.
    fn next(&self) -> Option<Work> {
        let mut queue = self.lock();
        loop {
            if let Some(work) = queue.as_mut()?.pop() {
                return Some(work);
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        *self.0.lock() = None;
        self.0.changed.notify_all();
    }
}

/// Checks and hashes a password on this thread, for commands; `shortest` is the fewest characters allowed.
///
/// # Errors
/// `invalid_request` for a password that the policy refuses.
pub(crate) fn hash_new_password(password: &str, username: &str, shortest: u32) -> Result<String, Refusal> {
    password_policy::check(password, username, shortest)?;
    hash(password.as_bytes(), &mut Memory::new())
}

/// A PHC string with a new salt.
fn hash(password: &[u8], memory: &mut Memory) -> Result<String, Refusal> {
    salted_hash(password, memory).map_err(|error| {
        log::error!("argon2: {error}");
        Refusal::Internal
    })
}

fn salted_hash(password: &[u8], memory: &mut Memory) -> Result<String, argon2::password_hash::Error> {
    let mut salt = [0_u8; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|_| argon2::password_hash::Error::Crypto)?;
    let digest = digest(password, &salt, Algorithm::Argon2id, Version::V0x13, Params::DEFAULT, memory)?;
    phc(&salt, &digest)
}

/// A PHC string that costs as much to verify as any other and belongs to no known password.
fn decoy() -> Result<String, argon2::password_hash::Error> {
    phc(&[0; SALT_BYTES], &[0; HASH_BYTES])
}

fn phc(salt: &[u8; SALT_BYTES], digest: &[u8; HASH_BYTES]) -> Result<String, argon2::password_hash::Error> {
    let string = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&Params::DEFAULT)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(digest)?),
    };
    Ok(string.to_string())
}

fn verify(password: &[u8], phc: &str, memory: &mut Memory) -> Result<bool, argon2::password_hash::Error> {
    let stored = PasswordHash::new(phc)?;
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let params = Params::try_from(&stored)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Ok(false) };
    let found = Output::new(&digest(password, salt, algorithm, version, params, memory)?)?;
    // `Output` compares in constant time.
    Ok(found == *expected)
}

fn digest(
    password: &[u8],
    salt: &[u8],
    algorithm: Algorithm,
    version: Version,
    params: Params,
    memory: &mut Memory,
) -> Result<[u8; HASH_BYTES], argon2::Error> {
    memory.resize(params.block_count(), Block::default());
    let mut out = [0_u8; HASH_BYTES];
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, salt, &mut out, memory)?;
    Ok(out)
}

impl Hasher {
    /// Starts `at_once` threads; `queue` more hashes may wait (at least one).
    ///
    /// # Errors
    /// Those of starting a thread.
    pub(crate) fn new(at_once: usize, queue: usize) -> std::io::Result<Self> {
        let decoy = decoy().map_err(std::io::Error::other)?;
        let work = Mutex::new(Some(FairQueue::new(queue.max(1))));
        let queue = Arc::new(HashQueue { work, changed: Condvar::new() });
        for _ in 0..at_once.max(1) {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name("hasher".to_owned()).spawn(move || serve(&queue))?;
        }
        Ok(Self { queue: Arc::new(CloseOnDrop(queue)), decoy: decoy.into() })
    }

    /// # Errors
    /// `busy` where the queue has no place for `share`.
    pub(crate) async fn hash(&self, password: String, share: Share) -> Result<String, Refusal> {
        self.run(share, move |memory| hash(password.as_bytes(), memory)).await?
    }

    /// True where `password` matches the PHC string `stored`. Without one it costs the same and is false.
    ///
    /// # Errors
    /// `busy` where the queue has no place for `share`.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>, share: Share) -> Result<bool, Refusal> {
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let fits = self.run(share, move |memory| verify(password.as_bytes(), &stored, memory).unwrap_or(false));
        Ok(fits.await? && is_known)
    }

    async fn run<T: Send + 'static>(
        &self,
        (address, account): Share,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (done, result) = oneshot::channel();
        let work: Work = Box::new(move |memory| {
            // Skipped for a client that has disconnected.
            if !done.is_closed() {
                drop(done.send(work(memory)));
            }
        });
        // Dropped work, this or what it displaced, closes its channel: `busy`.
        drop(self.queue.0.lock().as_mut().map(|queue| queue.push(address, account, work)));
        self.queue.0.changed.notify_one();
        result.await.map_err(|_| Refusal::Busy)
    }
}

fn serve(queue: &HashQueue) {
    let mut memory = Memory::new();
    while let Some(work) = queue.next() {
        work(&mut memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_hash_verifies_only_its_own_password() {
        let hasher = Hasher::new(1, 1).unwrap();
        let share = || (Address::from(std::net::IpAddr::from([127, 0, 0, 1])), "avi".to_owned());
        let kept = hasher.hash("correct horse".to_owned(), share()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(hasher.verify("correct horse".to_owned(), Some(kept.clone()), share()).await, Ok(true));
        assert_eq!(hasher.verify("battery staple".to_owned(), Some(kept), share()).await, Ok(false));
        assert_eq!(hasher.verify("correct horse".to_owned(), None, share()).await, Ok(false));
    }

    #[test]
    fn the_decoy_costs_as_much_as_a_password() {
        let mut memory = Memory::new();
        let (kept, decoy) = (hash(b"correct horse", &mut memory).unwrap(), decoy().unwrap());
        let cost = |phc: &str| phc.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(cost(&decoy), cost(&kept));
        assert_eq!(verify(b"correct horse", &decoy, &mut memory), Ok(false));
    }
}
