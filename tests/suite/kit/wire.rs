//! WebSocket frames (RFC 6455) by hand, as a client writes and reads them.

/// Opcodes.
pub const CONTINUE: u8 = 0x0;
pub const TEXT: u8 = 0x1;
pub const BINARY: u8 = 0x2;
pub const CLOSE: u8 = 0x8;
pub const PING: u8 = 0x9;
pub const PONG: u8 = 0xA;

/// One frame as it lies on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub last: bool,
    pub opcode: u8,
    pub payload: Vec<u8>,
}

/// A frame as a client must send it: masked.
pub fn masked(last: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x5a, 0x13, 0xc7, 0x88];
    let mut bytes = head(last, opcode, payload.len(), true);
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// A frame's head for `length` bytes, without the mask: for hostile tests that never send what they announce.
pub fn head(last: bool, opcode: u8, length: usize, mask: bool) -> Vec<u8> {
    let bit = if mask { 0x80 } else { 0 };
    let mut bytes = vec![if last { 0x80 } else { 0 } | opcode];
    match length {
        0..126 => bytes.push(bit | length as u8),
        126..0x1_0000 => {
            bytes.push(bit | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(bit | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes
}

/// Takes the first whole frame off the buffer; `None` while it is not whole yet.
pub fn take(buffer: &mut Vec<u8>) -> Option<Frame> {
    let (&first, &second) = (buffer.first()?, buffer.get(1)?);
    assert_eq!(first & 0x70, 0, "reserved bits without an extension");
    assert_eq!(second & 0x80, 0, "a server does not mask");
    let (start, length) = match second & 0x7f {
        126 => (4, u64::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?)),
        short => (2, u64::from(short)),
    };
    let end = start + usize::try_from(length).ok()?;
    let payload = buffer.get(start..end)?.to_vec();
    buffer.drain(..end);
    Some(Frame { last: first & 0x80 != 0, opcode: first & 0x0f, payload })
}
