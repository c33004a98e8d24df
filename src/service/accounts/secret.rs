//! What login gives: 256 random bits behind `prl_`. Only its hash is ever kept.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::Refusal;

/// Lets scanners for leaked secrets recognise one.
const PREFIX: &str = "prl_";

/// A token as its client knows it. Never shown by `Debug`, so it cannot reach a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// `internal` where the system has no randomness to give.
    pub(crate) fn random() -> Result<Self, Refusal> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            log::error!("no randomness: {error}");
            Refusal::Internal
        })?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// What a client says is its token.
    ///
    /// # Errors
    /// `unauthenticated` for what cannot be one.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let digits = text.strip_prefix(PREFIX).ok_or(Refusal::Unauthenticated)?;
        if digits.len() == 43 { Ok(Self(text.to_owned())) } else { Err(Refusal::Unauthenticated) }
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }

    /// For the answer to a login, and nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_recognised_and_never_shown() {
        let secret = Secret::random().unwrap();
        assert_eq!(Secret::parse(secret.reveal()).unwrap(), secret);
        assert!(!format!("{secret:?}").contains(&secret.reveal()[4..]));
        for bad in ["", "prl_", "prl_short", &"x".repeat(47)] {
            assert!(Secret::parse(bad).is_err());
        }
    }
}
