//! A commit as it travels: authenticated, so that who can publish to Redis, and cannot read the database, can forge nothing.
//!
//! `PRLR`, the version, place, node and number as big-endian integers of 8 bytes, the body, and the first 16 bytes of
//! HMAC-SHA-256 (RFC 2104) over all of that and the epoch, with the key in `server.bus_key`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::NodeId;
use crate::store::OutboxEntry;

const MAGIC: &[u8; 4] = b"PRLR";
const VERSION: u8 = 1;
const HEAD: usize = MAGIC.len() + 1 + 3 * 8;
const TAG: usize = 16;
/// A larger commit is read from the outbox.
const MAX: usize = 256 * 1_024;

/// Authenticates frames.
pub(super) struct Seal(Hmac<Sha256>);

/// Why a frame is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invalid {
    Malformed,
    /// Of a later release.
    Version,
    Forged,
}

impl Seal {
    /// For the frames of one epoch: those of another history are invalid.
    pub(super) fn new(key: &[u8], epoch: &str) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(epoch.as_bytes());
        mac.update(&[0]);
        Some(Self(mac))
    }

    /// `None` for a commit that is too large.
    pub(super) fn seal(&self, entry: &OutboxEntry) -> Option<Vec<u8>> {
        if entry.body.len() + HEAD + TAG > MAX {
            return None;
        }
        let mut frame = Vec::with_capacity(HEAD + entry.body.len() + TAG);
        frame.extend_from_slice(MAGIC);
        frame.push(VERSION);
        for number in [entry.place, entry.node.0, entry.number] {
            frame.extend_from_slice(&number.to_be_bytes());
        }
        frame.extend_from_slice(entry.body.as_bytes());
        let tag = self.0.clone().chain_update(&frame).finalize().into_bytes();
        frame.extend(tag.iter().take(TAG));
        Some(frame)
    }

    pub(super) fn open(&self, frame: &[u8]) -> Result<OutboxEntry, Invalid> {
        if frame.len() > MAX {
            return Err(Invalid::Malformed);
        }
        let (signed, tag) = frame.split_last_chunk::<TAG>().ok_or(Invalid::Malformed)?;
        let rest = signed.strip_prefix(MAGIC).ok_or(Invalid::Malformed)?;
        // First: who can forge a frame learns nothing from what is wrong with it.
        self.0.clone().chain_update(signed).verify_truncated_left(tag).map_err(|_| Invalid::Forged)?;
        let (version, mut rest) = rest.split_first().ok_or(Invalid::Malformed)?;
        if *version != VERSION {
            return Err(Invalid::Version);
        }
        let mut next = || {
            let (number, behind) = rest.split_first_chunk::<8>().ok_or(Invalid::Malformed)?;
            rest = behind;
            Ok(i64::from_be_bytes(*number))
        };
        let (place, node, number) = (next()?, NodeId(next()?), next()?);
        let body = std::str::from_utf8(rest).map_err(|_| Invalid::Malformed)?.to_owned();
        Ok(OutboxEntry { place, node, number, body })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn seal(epoch: &str) -> Seal {
        Seal::new(&KEY, epoch).unwrap()
    }

    fn entry() -> OutboxEntry {
        OutboxEntry { place: 5, node: NodeId(6), number: 7, body: "[\"ü\"]".to_owned() }
    }

    #[test]
    fn a_frame_arrives_as_it_was_sent() {
        let opened = seal("a").open(&seal("a").seal(&entry()).unwrap()).unwrap();
        assert_eq!((opened.place, opened.node, opened.number, opened.body), (5, NodeId(6), 7, entry().body));
    }

    #[test]
    fn frames_of_another_key_epoch_or_version_are_dropped() {
        let frame = seal("a").seal(&entry()).unwrap();
        assert_eq!(seal("b").open(&frame).err(), Some(Invalid::Forged));
        assert_eq!(Seal::new(&[8; 32], "a").unwrap().open(&frame).err(), Some(Invalid::Forged));
        let mut later = frame.clone();
        later.truncate(frame.len() - TAG);
        later[4] = VERSION + 1;
        let tag = seal("a").0.chain_update(&later).finalize().into_bytes();
        later.extend(tag.iter().take(TAG));
        assert_eq!(seal("a").open(&later).err(), Some(Invalid::Version));
    }

    #[test]
    fn a_large_commit_has_no_frame() {
        assert!(seal("a").seal(&OutboxEntry { body: "x".repeat(MAX), ..entry() }).is_none());
    }

    proptest! {
        #[test]
        fn a_frame_that_was_changed_anywhere_is_dropped(at in 0_usize..60, bit in 0_u8..8, cut in 0_usize..60) {
            let mut frame = seal("a").seal(&entry()).unwrap();
            let short = &frame[..cut.min(frame.len() - 1)];
            prop_assert!(seal("a").open(short).is_err());
            let at = at % frame.len();
            frame[at] ^= 1 << bit;
            prop_assert!(seal("a").open(&frame).is_err());
        }

        #[test]
        fn any_bytes_are_dropped(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(seal("a").open(&bytes).is_err());
        }
    }
}
