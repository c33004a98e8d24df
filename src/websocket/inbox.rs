//! The bytes that a client sends, as messages. The size of a frame is checked as soon as its header is there, before its payload
//! is kept; so is that of the message that its fragments are joined to.

use actix_http::ws::{OpCode, Parser, ProtocolError};
use bytes::BytesMut;

use super::utf8::Utf8Check;
use crate::domain::Disconnect;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(String),
    Binary(BytesMut),
    /// To be answered by a pong with the same payload.
    Ping(BytesMut),
    Pong,
    /// The code is to be returned; 0 is none.
    Close(u16),
}

/// What has arrived of an unfinished message.
#[derive(Default)]
struct PartialMessage {
    bytes: Vec<u8>,
    /// True for text; `None` while its first frame is not whole.
    is_text: Option<bool>,
    utf8: Utf8Check,
}

/// Received bytes that are not processed yet. Without memory between messages.
#[derive(Default)]
pub(crate) struct Inbox {
    rest: BytesMut,
    partial: Option<Box<PartialMessage>>,
}

impl Inbox {
    /// Hands out a buffer to read into, which begins with the bytes that are here already; `scratch` where there are none.
    pub(crate) fn buffer(&mut self, scratch: &mut BytesMut) -> BytesMut {
        if self.rest.is_empty() { std::mem::take(scratch) } else { std::mem::take(&mut self.rest) }
    }

    /// Takes the buffer back with what was read.
    pub(crate) fn hold(&mut self, buffer: BytesMut) {
        self.rest = buffer;
    }

    /// Gives an empty buffer back to `scratch`; a rest is kept in no more memory than it needs.
    pub(crate) fn settle(&mut self, scratch: &mut BytesMut) {
        let buffer = std::mem::take(&mut self.rest);
        if !buffer.is_empty() {
            self.rest = if scratch.capacity() == 0 { BytesMut::from(&buffer[..]) } else { buffer };
        } else if scratch.capacity() == 0 {
            *scratch = buffer;
        }
    }

    /// True where bytes are left that may contain a message.
    pub(crate) fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// The next whole message; `None` where more bytes are needed. `limit` is in bytes, 0 is none. An error is why the connection
    /// must end.
    pub(crate) fn next(&mut self, limit: usize) -> Result<Option<Incoming>, Disconnect> {
        let limit = if limit == 0 { usize::MAX } else { limit };
        loop {
            let (joined, begun) =
                self.partial.as_ref().map_or((0, None), |partial| (partial.bytes.len(), partial.is_text));
            check_header(&self.rest, limit, joined)?;
            let Some((finished, opcode, payload)) = Parser::parse(&mut self.rest, true, limit).map_err(ending)? else {
                if self.rest.first().is_some_and(|first| !is_control(*first)) {
                    self.partial.get_or_insert_default().utf8.check_frame(&self.rest, begun)?;
                }
                return Ok(None);
            };
            let payload = payload.unwrap_or_default();
            let is_text = match (opcode, begun) {
                (OpCode::Ping, _) => return Ok(Some(Incoming::Ping(payload))),
                (OpCode::Pong, _) => return Ok(Some(Incoming::Pong)),
                (OpCode::Close, _) => {
                    let reason = Parser::try_parse_close_payload(&payload).map_err(ending)?;
                    return Ok(Some(Incoming::Close(reason.map_or(0, |reason| reason.code.into()))));
                }
                (OpCode::Text, None) => true,
                (OpCode::Binary, None) => false,
                (OpCode::Continue, Some(is_text)) => is_text,
                (OpCode::Text | OpCode::Binary | OpCode::Continue | OpCode::Bad, _) => {
                    return Err(Disconnect::Protocol);
                }
            };
            if finished {
                let partial = self.partial.take().filter(|_| begun.is_some());
                let joined = partial.map(|partial| {
                    let mut bytes = partial.bytes;
                    bytes.extend_from_slice(&payload);
                    bytes
                });
                return Ok(Some(match joined {
                    joined if is_text => text(joined.unwrap_or_else(|| payload.to_vec()))?,
                    joined => Incoming::Binary(joined.map_or(payload, |bytes| BytesMut::from(&bytes[..]))),
                }));
            }
            let partial = self.partial.get_or_insert_default();
            if is_text {
                partial.utf8.finish_fragment(&payload)?;
            }
            partial.is_text = Some(is_text);
            partial.bytes.extend_from_slice(&payload);
        }
    }
}

const fn is_control(first: u8) -> bool {
    first & 0x08 != 0
}

/// Checks the header of the next frame as far as it is there: the parser would first wait for the whole payload.
fn check_header(buffer: &[u8], limit: usize, joined: usize) -> Result<(), Disconnect> {
    let (Some(first), Some(second)) = (buffer.first(), buffer.get(1)) else { return Ok(()) };
    let length = match second & 0x7F {
        126 => buffer.get(2..4).and_then(|bytes| bytes.try_into().ok()).map(|bytes| u16::from_be_bytes(bytes).into()),
        127 => buffer.get(2..10).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes),
        short => Some(u64::from(short)),
    };
    let is_control = is_control(*first);
    if is_control && (first & 0x80 == 0 || second & 0x7F > 125) {
        return Err(Disconnect::Protocol);
    }
    let before = if is_control { 0 } else { joined };
    let max = u64::try_from(limit.saturating_sub(before)).unwrap_or(u64::MAX);
    if length.is_some_and(|length| length > max) { Err(Disconnect::TooLarge) } else { Ok(()) }
}

fn text(bytes: Vec<u8>) -> Result<Incoming, Disconnect> {
    String::from_utf8(bytes).map(Incoming::Text).map_err(|_| Disconnect::NotUtf8)
}

fn ending(error: ProtocolError) -> Disconnect {
    match error {
        ProtocolError::Overflow => Disconnect::TooLarge,
        _ => Disconnect::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A client's frame with a mask of zeros.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        if payload.len() < 126 {
            bytes.push(0x80 | payload.len() as u8);
        } else {
            bytes.push(0x80 | 126);
            bytes.extend((payload.len() as u16).to_be_bytes());
        }
        bytes.extend([0; 4]);
        bytes.extend(payload);
        bytes
    }

    fn all(bytes: &[u8]) -> (Vec<Incoming>, Option<Disconnect>) {
        let (mut inbox, mut out) = (Inbox::default(), Vec::new());
        inbox.hold(BytesMut::from(bytes));
        loop {
            match inbox.next(1_000) {
                Ok(Some(incoming)) => out.push(incoming),
                Ok(None) => return (out, None),
                Err(why) => return (out, Some(why)),
            }
        }
    }

    #[test]
    fn fragments_are_joined_around_control_frames() {
        let bytes = [frame(0x01, b"he"), frame(0x89, b"p"), frame(0x00, b"l"), frame(0x80, b"lo")].concat();
        let (got, end) = all(&bytes);
        assert_eq!(got, vec![Incoming::Ping(BytesMut::from("p")), Incoming::Text("hello".to_owned())]);
        assert_eq!(end, None);
    }

    #[test]
    fn a_frame_that_is_too_large_is_refused_at_its_header() {
        assert_eq!(all(&[0x81, 0x80 | 127, 0, 0, 0, 0, 0x40, 0, 0, 0]).1, Some(Disconnect::TooLarge));
        assert_eq!(all(&[0x82, 0x80 | 126, 3, 233]).1, Some(Disconnect::TooLarge));
        let parts = [frame(0x01, &[b'x'; 600]), frame(0x00, &[b'x'; 600])].concat();
        assert_eq!(all(&parts).1, Some(Disconnect::TooLarge));
    }

    #[test]
    fn a_protocol_error_ends_the_connection() {
        for (bytes, why) in [
            (frame(0xC1, b"rsv"), Disconnect::Protocol),
            (frame(0x83, b"opcode"), Disconnect::Protocol),
            (frame(0x09, b"fragmented ping"), Disconnect::Protocol),
            (frame(0x80, b"nothing to continue"), Disconnect::Protocol),
            ([frame(0x01, b"a"), frame(0x81, b"b")].concat(), Disconnect::Protocol),
            (vec![0x81, 1, b'x'], Disconnect::Protocol),
            (frame(0x81, b"\xff"), Disconnect::NotUtf8),
            (frame(0x88, b"x"), Disconnect::Protocol),
            (frame(0x88, &1005_u16.to_be_bytes()), Disconnect::Protocol),
        ] {
            assert_eq!(all(&bytes).1, Some(why), "{bytes:?}");
        }
        assert_eq!(all(&frame(0x88, &1000_u16.to_be_bytes())).0, vec![Incoming::Close(1000)]);
    }

    #[test]
    fn text_that_is_not_utf_8_ends_the_connection_with_its_first_bad_byte() {
        let bad: [&[u8]; 4] = [b"ab\xffc", b"\xc3\x28", b"\xed\xa0\x80 ", b"\xf4\x90\x80\x80"];
        for bad in bad {
            let is_bad =
                |end: &usize| std::str::from_utf8(&bad[..*end]).is_err_and(|error| error.error_len().is_some());
            let end = (1..=bad.len()).find(is_bad).unwrap();
            // A frame that is not whole, fragments with the bad byte in the first or the last one, and fragments of a byte each.
            let cut = [frame(0x01, bad), frame(0x01, b""), frame(0x80, b"never sent")];
            for (bytes, at) in [
                (frame(0x81, &[bad, b"and more"].concat()), 6 + end),
                (cut.concat(), 6 + end),
                ([frame(0x01, b"\xe2\x82"), frame(0x00, b"\xac"), frame(0x00, bad)].concat(), 15 + 6 + end),
                (bad.iter().enumerate().flat_map(|(at, byte)| frame(u8::from(at == 0), &[*byte])).collect(), 7 * end),
            ] {
                for length in 0..=at {
                    let why = (length == at).then_some(Disconnect::NotUtf8);
                    assert_eq!(byte_by_byte(&bytes[..length]), why, "{bad:x?} at {length} of {at}");
                }
            }
        }
    }

    /// Why the connection ends, if it does, where each byte arrives on its own.
    fn byte_by_byte(bytes: &[u8]) -> Option<Disconnect> {
        let (mut inbox, mut scratch) = (Inbox::default(), BytesMut::new());
        for byte in bytes {
            let mut buffer = inbox.buffer(&mut scratch);
            buffer.extend_from_slice(&[*byte]);
            inbox.hold(buffer);
            loop {
                match inbox.next(1_000) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(why) => return Some(why),
                }
            }
            inbox.settle(&mut scratch);
        }
        None
    }

    proptest! {
        #[test]
        fn invalid_text_is_found_however_its_bytes_arrive(
            texts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6), 1..4),
        ) {
            let last = texts.len() - 1;
            let parts = texts.iter().enumerate();
            let bytes: Vec<u8> = parts.flat_map(|(at, part)| frame(u8::from(at == 0) | if at == last { 0x80 } else { 0 }, part)).collect();
            let is_text = String::from_utf8(texts.concat()).is_ok();
            let why = (!is_text).then_some(Disconnect::NotUtf8);
            prop_assert_eq!(byte_by_byte(&bytes), why);
            prop_assert_eq!(all(&bytes).1, why);
        }

        #[test]
        fn no_bytes_make_the_inbox_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = all(&bytes);
        }

        #[test]
        fn messages_do_not_depend_on_how_bytes_arrive(
            texts in proptest::collection::vec("[a-z]{0,300}", 1..5),
            cut in 1_usize..50,
        ) {
            let bytes: Vec<u8> = texts.iter().flat_map(|text| frame(0x81, text.as_bytes())).collect();
            let (mut inbox, mut scratch, mut out) = (Inbox::default(), BytesMut::new(), Vec::new());
            for piece in bytes.chunks(cut) {
                let mut buffer = inbox.buffer(&mut scratch);
                buffer.extend_from_slice(piece);
                inbox.hold(buffer);
                while let Some(incoming) = inbox.next(1_000).unwrap() {
                    out.push(incoming);
                }
                inbox.settle(&mut scratch);
            }
            let expected: Vec<Incoming> = texts.into_iter().map(Incoming::Text).collect();
            prop_assert_eq!(out, expected);
            prop_assert!(!inbox.has_rest());
        }
    }
}
