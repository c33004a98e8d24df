//! WebSocket frames as a client writes and reads them (RFC 6455, without extensions). Client frames are masked with the
//! key 0, which leaves the payload as it is: the rule protects proxies from script authors, and here is neither.

pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

#[derive(Debug)]
pub struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
}

/// Bytes that no Parlor sends.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A message in pieces, or a reserved bit.
    #[error("a frame that is not whole, or has reserved bits")]
    Fragment,
    #[error("a masked frame")]
    Masked,
}

pub fn encode(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..=125), _) => out.push(0x80 | length),
        (_, Ok(length)) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&u64::try_from(payload.len()).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// The first frame and the bytes behind it; `None` while it is not yet all there.
pub fn decode(bytes: &[u8]) -> Result<Option<(Frame<'_>, &[u8])>, Broken> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let opcode = first & 0x0f;
    if first & 0xf0 != 0x80 || opcode == 0 {
        return Err(Broken::Fragment);
    }
    if second & 0x80 != 0 {
        return Err(Broken::Masked);
    }
    let body = match second {
        126 => rest.split_first_chunk().map(|(length, body)| (usize::from(u16::from_be_bytes(*length)), body)),
        127 => rest
            .split_first_chunk()
            .map(|(length, body)| (usize::try_from(u64::from_be_bytes(*length)).unwrap_or(usize::MAX), body)),
        length => Some((usize::from(*length), rest)),
    };
    Ok(body
        .and_then(|(length, body)| body.split_at_checked(length))
        .map(|(payload, behind)| (Frame { opcode, payload }, behind)))
}

/// Code and reason of a close frame, for a reader.
pub fn closing(payload: &[u8]) -> String {
    match payload.split_first_chunk() {
        Some((code, reason)) => {
            format!("closed with {} {}", u16::from_be_bytes(*code), String::from_utf8_lossy(reason))
                .trim_end()
                .to_owned()
        }
        None => "closed without a code".to_owned(),
    }
}
