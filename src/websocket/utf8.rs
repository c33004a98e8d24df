//! Text that is not UTF-8 ends a connection with its first bad byte, not only when its message is whole.
//!
//! This checks what has arrived of a frame that is not whole and of a message of several frames. A message that arrives whole, as
//! nearly all do, is checked once, when it becomes a `String`.

use crate::domain::Disconnect;

const PIECE: usize = 1_024;

/// How far the text of an unfinished message is checked.
#[derive(Default)]
pub(super) struct Utf8Check {
    /// Checked bytes of the payload of the unfinished frame.
    seen: usize,
    /// The beginning of a character whose other bytes have not arrived.
    rest: [u8; 4],
    rest_len: usize,
}

impl Utf8Check {
    /// Checks what has arrived of an unfinished frame. `continues` is `None` for the first frame of a message, and true for the
    /// others of a text. An error where it is not UTF-8, whatever follows.
    pub(super) fn check_frame(&mut self, frame: &[u8], continues: Option<bool>) -> Result<(), Disconnect> {
        let Some((opcode, mask, payload)) = split(frame) else { return Ok(()) };
        let is_text = match opcode {
            0x0 => continues == Some(true),
            0x1 => continues.is_none(),
            _ => false,
        };
        if !is_text {
            return Ok(());
        }
        let mut piece = [0; PIECE];
        while let Some(fresh) = payload.get(self.seen..).filter(|fresh| !fresh.is_empty()) {
            let mask = mask.iter().cycle().skip(self.seen % 4);
            let mut count = 0;
            for ((to, from), mask) in piece.iter_mut().zip(fresh).zip(mask) {
                *to = from ^ mask;
                count += 1;
            }
            self.seen += count;
            self.take(piece.get(..count).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Checks the rest of a fragment of text that is whole, in a message that is not.
    pub(super) fn finish_fragment(&mut self, payload: &[u8]) -> Result<(), Disconnect> {
        let seen = std::mem::take(&mut self.seen);
        self.take(payload.get(seen..).unwrap_or_default())
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Disconnect> {
        while self.rest_len > 0 {
            let Some((next, others)) = bytes.split_first() else { return Ok(()) };
            bytes = others;
            if let Some(place) = self.rest.get_mut(self.rest_len) {
                *place = *next;
            }
            self.rest_len += 1;
            if tail(self.rest.get(..self.rest_len).unwrap_or_default())?.is_empty() {
                self.rest_len = 0;
            }
        }
        let tail = tail(bytes)?;
        for (to, from) in self.rest.iter_mut().zip(tail) {
            *to = *from;
        }
        self.rest_len = tail.len();
        Ok(())
    }
}

/// The unfinished character at the end of these bytes, at most three of them; empty where the last one is whole.
fn tail(bytes: &[u8]) -> Result<&[u8], Disconnect> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(&[]),
        Err(error) if error.error_len().is_none() => Ok(bytes.get(error.valid_up_to()..).unwrap_or_default()),
        Err(_) => Err(Disconnect::NotUtf8),
    }
}

/// The opcode, the mask and as much of the payload as there is; `None` where the header is not whole.
fn split(frame: &[u8]) -> Option<(u8, [u8; 4], &[u8])> {
    let header = match frame.get(1)? & 0x7F {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    let mask = frame.get(header..header + 4)?.try_into().ok()?;
    Some((frame.first()? & 0x0F, mask, frame.get(header + 4..)?))
}
