//! Hashing passwords with argon2id, off the event loops: as many at once as there are cores, behind them a bounded queue that
//! is fair between addresses and accounts.
//!
//! Parameters are OWASP's (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>): 19 MiB,
//! two passes, one lane, which are the crate's defaults.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use super::fair::FairQueue;
use crate::domain::Refusal;
use crate::rate_limit::Address;

/// Bytes of a salt and of a hash.
const SALT: usize = 16;
const HASH: usize = 32;

pub(super) type Memory = Vec<Block>;
type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// Hashes and compares on threads of its own, each with memory of its own that every hash uses again: allocating 19 MiB
/// anew for each leaves several hundred MiB of holes behind. Cheap to clone; all clones share the queue.
#[derive(Clone)]
pub(crate) struct Hasher {
    queue: Arc<Closing>,
    /// What an unknown user's password is compared with, so that it costs the same.
    decoy: Arc<str>,
}

/// Who a hash is computed for, as far as fairness goes: the address that asks, and the account it names.
pub(super) type Share = (Address, String);

/// What waits for a thread.
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

struct Waiting {
    work: FairQueue<Address, String, Work>,
    is_closed: bool,
}

/// Ends the threads with the last [`Hasher`].
struct Closing(Arc<Queue>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of work, as soon as there is one; `None` when no more will come.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.lock();
        loop {
            if let Some(work) = waiting.work.pop() {
                return Some(work);
            }
            if waiting.is_closed {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

/// A PHC string of `password` with a new salt.
pub(super) fn hash(password: &[u8], memory: &mut Memory) -> Result<String, argon2::password_hash::Error> {
    let mut salt = [0_u8; SALT];
    getrandom::fill(&mut salt).map_err(|_| argon2::password_hash::Error::Crypto)?;
    let digest = digest(password, &salt, Algorithm::Argon2id, Version::V0x13, Params::DEFAULT, memory)?;
    phc(&salt, &digest)
}

/// A PHC string that costs as much to verify as any other and belongs to no known password.
fn decoy() -> Result<String, argon2::password_hash::Error> {
    phc(&[0; SALT], &[0; HASH])
}

fn phc(salt: &[u8; SALT], digest: &[u8; HASH]) -> Result<String, argon2::password_hash::Error> {
    let string = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&Params::DEFAULT)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(digest)?),
    };
    Ok(string.to_string())
}

/// True where `password` is the one of the PHC string `kept`.
fn verify(password: &[u8], kept: &str, memory: &mut Memory) -> Result<bool, argon2::password_hash::Error> {
    let kept = PasswordHash::new(kept)?;
    let algorithm = Algorithm::try_from(kept.algorithm.as_str())?;
    let version = kept.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let params = Params::try_from(&kept)?;
    let (Some(salt), Some(expected)) = (&kept.salt, &kept.hash) else { return Ok(false) };
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
) -> Result<[u8; HASH], argon2::Error> {
    memory.resize(params.block_count(), Block::default());
    let mut out = [0_u8; HASH];
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, salt, &mut out, memory)?;
    Ok(out)
}

impl Hasher {
    /// `at_once` hashes run at the same time, `queue` more may wait (at least one).
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(crate) fn new(at_once: usize, queue: usize) -> std::io::Result<Self> {
        let decoy = decoy().map_err(std::io::Error::other)?;
        let waiting = Waiting { work: FairQueue::new(queue.max(1)), is_closed: false };
        let queue = Arc::new(Queue { waiting: Mutex::new(waiting), changed: Condvar::new() });
        for _ in 0..at_once.max(1) {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name("hasher".to_owned()).spawn(move || serve(&queue))?;
        }
        Ok(Self { queue: Arc::new(Closing(queue)), decoy: decoy.into() })
    }

    /// A new PHC string of `password`.
    ///
    /// # Errors
    /// `busy` where the queue has no place for `share`.
    pub(crate) async fn hash(&self, password: String, share: Share) -> Result<String, Refusal> {
        self.run(share, move |memory| {
            hash(password.as_bytes(), memory).map_err(|error| {
                log::error!("argon2: {error}");
                Refusal::Internal
            })
        })
        .await?
    }

    /// True where `password` is the one of the PHC string `kept`. Without one it costs the same and is false.
    ///
    /// # Errors
    /// `busy` where the queue has no place for `share`.
    pub(crate) async fn verify(&self, password: String, kept: Option<String>, share: Share) -> Result<bool, Refusal> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.decoy.to_string());
        let fits = self.run(share, move |memory| verify(password.as_bytes(), &kept, memory).unwrap_or(false));
        Ok(fits.await? && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        (address, account): Share,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (done, answer) = oneshot::channel();
        let work: Work = Box::new(move |memory| {
            // A client that has gone waits for nothing.
            if !done.is_closed() {
                drop(done.send(work(memory)));
            }
        });
        // What has no place, this or something else, is dropped, and whoever waits for it hears of that below.
        drop(self.queue.0.lock().work.push(address, account, work));
        self.queue.0.changed.notify_one();
        answer.await.map_err(|_| Refusal::Busy)
    }
}

/// One thread that hashes.
fn serve(queue: &Queue) {
    let mut memory = Memory::new();
    while let Some(work) = queue.next() {
        work(&mut memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_is_its_own_and_nobody_elses() {
        let hasher = Hasher::new(1, 1).unwrap();
        let share = || (Address::from(std::net::IpAddr::from([127, 0, 0, 1])), "avi".to_owned());
        let kept = hasher.hash("correct horse".to_owned(), share()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(hasher.verify("correct horse".to_owned(), Some(kept.clone()), share()).await, Ok(true));
        assert_eq!(hasher.verify("battery staple".to_owned(), Some(kept), share()).await, Ok(false));
        assert_eq!(hasher.verify("correct horse".to_owned(), None, share()).await, Ok(false));
    }

    #[test]
    fn the_decoy_costs_what_a_password_does() {
        let mut memory = Memory::new();
        let (kept, decoy) = (hash(b"correct horse", &mut memory).unwrap(), decoy().unwrap());
        let cost = |phc: &str| phc.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(cost(&decoy), cost(&kept));
        assert_eq!(verify(b"correct horse", &decoy, &mut memory), Ok(false));
    }
}
