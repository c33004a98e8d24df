//! Ids: 63 random bits, written as thirteen lower-case letters and digits.
//!
//! Random rather than sequential, so that an id does not reveal how many there are, and short, because ids are a good part of
//! every frame. The alphabet is Crockford's base 32 (<https://www.crockford.com/base32.html>) in lower case.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 13 digits of 5 bits hold 63.
const DIGITS: usize = 13;

fn random() -> i64 {
    let mut bytes = [0_u8; 8];
    // The kernel's generator fails only on kernels that Rust itself does not run on; an id of zeros would then collide
    // and be refused by the primary key.
    let _ = getrandom::fill(&mut bytes);
    i64::from_le_bytes(bytes) & i64::MAX
}

fn write(id: i64, to: &mut [u8; DIGITS]) -> &str {
    let mut rest = id;
    for digit in to.iter_mut().rev() {
        let at = usize::try_from(rest & 31).unwrap_or_default();
        *digit = ALPHABET.get(at).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    std::str::from_utf8(to).unwrap_or_default()
}

fn read(text: &str) -> Option<i64> {
    if text.len() != DIGITS {
        return None;
    }
    let mut id: i64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        id = id.checked_mul(32)?.checked_add(i64::try_from(digit).ok()?)?;
    }
    Some(id)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(pub i64);

        impl $name {
            pub(crate) fn random() -> Self {
                Self(random())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(write(self.0, &mut [0; DIGITS]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ();
            /// Fails for anything but thirteen digits of the alphabet, which callers treat like an unknown id.
            fn from_str(text: &str) -> Result<Self, ()> {
                read(text).map(Self).ok_or(())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(write(self.0, &mut [0; DIGITS]))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(|()| de::Error::custom("not an id"))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                String::schema()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// A user: account, guest or bot.
    UserId,
    SessionId,
    InviteId,
    /// A token; not its secret, which is never stored.
    TokenId,
    /// A live connection.
    ConnId,
    /// One run of a server, among those that serve the same database.
    NodeId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_formatting_and_parsing() {
        for id in [0, 1, 31, 32, i64::MAX, 0x0123_4567_89ab_cdef] {
            assert_eq!(UserId(id).to_string().parse(), Ok(UserId(id)));
        }
    }

    #[test]
    fn malformed_ids_are_refused() {
        for text in ["", "1", "zzzzzzzzzzzzz", "000000000000u", "00000000000000", "ééééééé"] {
            assert_eq!(text.parse::<UserId>(), Err(()), "{text}");
        }
    }
}
