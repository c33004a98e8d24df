//! Text bodies of revision 3: each packet is prefixed by its length and a colon, and binary messages are base64. A length
//! counts JavaScript's characters, which are UTF-16 code units.

use bytestring::ByteString;

use super::super::Malformed;
use super::super::engine::{self, Encoded, EnginePacket, Revision};
use super::{DIGITS, push_bounded};

pub(super) fn decode(text: &ByteString, max_packets: usize) -> Result<Vec<EnginePacket>, Malformed> {
    let (mut packets, mut rest): (_, &str) = (Vec::new(), text);
    if rest.is_empty() {
        return Err(Malformed::Length);
    }
    while !rest.is_empty() {
        let (length, tail) = rest.split_once(':').ok_or(Malformed::Length)?;
        let (packet, next) = split(tail, number(length)?).ok_or(Malformed::Length)?;
        // A body without packets is encoded as one of length 0.
        if !packet.is_empty() {
            push_bounded(&mut packets, engine::decode_text(Revision::Three, &text.slice_ref(packet))?, max_packets)?;
        }
        rest = next;
    }
    Ok(packets)
}

fn number(digits: &str) -> Result<usize, Malformed> {
    if digits.len() > DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed::Length);
    }
    digits.parse().map_err(|_| Malformed::Length)
}

/// Splits after `units` UTF-16 code units; `None` where there are fewer, or where a character would be split.
fn split(text: &str, units: usize) -> Option<(&str, &str)> {
    let (mut count, mut end) = (0, 0);
    for character in text.chars() {
        if count >= units {
            break;
        }
        count += character.len_utf16();
        end += character.len_utf8();
    }
    if count == units { text.split_at_checked(end) } else { None }
}

pub(super) fn encode(packets: &[Encoded]) -> String {
    let mut body = String::new();
    for packet in packets {
        match packet {
            Encoded::Text(text) => push(&mut body, text),
            Encoded::Binary(bytes) => push(&mut body, &engine::base64(Revision::Three, bytes)),
        }
    }
    if body.is_empty() {
        body.push_str("0:");
    }
    body
}

fn push(body: &mut String, packet: &str) {
    body.push_str(&packet.encode_utf16().count().to_string());
    body.push(':');
    body.push_str(packet);
}
