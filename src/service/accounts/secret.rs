//! Tokens as their clients have them: 256 random bits behind `prl_`. Only the hash is stored.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::Refusal;

/// Recognised by scanners for leaked secrets.
const PREFIX: &str = "prl_";

/// Not shown by `Debug`, so that it cannot be logged by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// # Errors
    /// `internal` where the system has no randomness.
    pub(crate) fn random() -> Result<Self, Refusal> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            log::error!("no randomness: {error}");
            Refusal::Internal
        })?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// # Errors
    /// `unauthenticated` for a text that cannot be a token.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let digits = text.strip_prefix(PREFIX).ok_or(Refusal::Unauthenticated)?;
        if digits.len() == 43 { Ok(Self(text.to_owned())) } else { Err(Refusal::Unauthenticated) }
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }

    /// Only for the response to a login.
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
