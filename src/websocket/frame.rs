//! WebSocket frames of the server (RFC 6455, section 5.2). They are not masked, so all recipients share the same bytes.

use bytes::Bytes;

const HEADER: usize = 10;
const FIN: u8 = 0x80;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// A text frame with what `write` appends; `None` where it returns false.
pub(crate) fn text(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Bytes> {
    let mut buffer = Vec::with_capacity(512);
    buffer.resize(HEADER, 0);
    write(&mut buffer).then(|| framed(buffer, TEXT))
}

/// The payload of one of these frames.
pub(crate) fn payload(frame: &Bytes) -> Bytes {
    let header = match frame.get(1) {
        Some(127) => HEADER,
        Some(126) => 4,
        _ => 2,
    };
    frame.slice(header.min(frame.len())..)
}

pub(crate) fn data(binary: bool, payload: &[u8]) -> Bytes {
    whole(if binary { BINARY } else { TEXT }, payload)
}

pub(crate) fn ping() -> Bytes {
    Bytes::from_static(&[FIN | PING, 0])
}

pub(crate) fn pong(payload: &[u8]) -> Bytes {
    whole(PONG, payload)
}

/// A close frame; the reason is cut at the 123 bytes that fit. With the code 0 the frame is empty.
pub(crate) fn close(code: u16, reason: &str) -> Bytes {
    let mut payload = Vec::with_capacity(2 + reason.len());
    if code > 0 {
        payload.extend_from_slice(&code.to_be_bytes());
        payload.extend(reason.bytes().take(123));
    }
    whole(CLOSE, &payload)
}

fn whole(opcode: u8, payload: &[u8]) -> Bytes {
    let mut buffer = Vec::with_capacity(HEADER + payload.len());
    buffer.resize(HEADER, 0);
    buffer.extend_from_slice(payload);
    framed(buffer, opcode)
}

/// Writes the header right before the payload, which begins at [`HEADER`].
fn framed(mut buffer: Vec<u8>, opcode: u8) -> Bytes {
    let length = buffer.len().saturating_sub(HEADER);
    let mut header = [0_u8; HEADER];
    let used = if let (Ok(short), true) = (u8::try_from(length), length < 126) {
        header = [FIN | opcode, short, 0, 0, 0, 0, 0, 0, 0, 0];
        2
    } else if let Ok(medium) = u16::try_from(length) {
        let [high, low] = medium.to_be_bytes();
        header = [FIN | opcode, 126, high, low, 0, 0, 0, 0, 0, 0];
        4
    } else {
        let long = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
        for (to, from) in header.iter_mut().zip([FIN | opcode, 127].into_iter().chain(long)) {
            *to = from;
        }
        HEADER
    };
    let start = HEADER - used;
    for (to, from) in buffer.iter_mut().skip(start).zip(header.into_iter().take(used)) {
        *to = from;
    }
    Bytes::from(buffer).slice(start..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_encoded_as_in_the_standard() {
        let frame = |length: usize| {
            text(|to| {
                to.resize(to.len() + length, b'x');
                true
            })
            .unwrap()
        };
        assert_eq!(frame(125)[..2], [0x81, 125]);
        assert_eq!(frame(125).len(), 127);
        assert_eq!(frame(126)[..4], [0x81, 126, 0, 126]);
        assert_eq!(frame(65_535)[..4], [0x81, 126, 255, 255]);
        assert_eq!(frame(65_536)[..10], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(frame(65_536).len(), 65_546);
        for length in [0, 125, 126, 65_535, 65_536] {
            assert_eq!(payload(&frame(length)).len(), length);
        }
        assert_eq!(close(1012, "x")[..], [0x88, 3, 3, 244, b'x']);
        assert_eq!(ping()[..], [0x89, 0]);
    }
}
