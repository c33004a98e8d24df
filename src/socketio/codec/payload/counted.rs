//! Text bodies of revision 3: before each packet its length and a colon, binary messages as base64. A length counts what
//! JavaScript takes for characters: units of UTF-16.

use bytestring::ByteString;

use super::super::Malformed;
use super::super::engine::{self, Encoded, Packet, Revision};
use super::{DIGITS, add};

pub(super) fn decode(text: &ByteString, most: usize) -> Result<Vec<Packet>, Malformed> {
    let (mut packets, mut rest): (_, &str) = (Vec::new(), text);
    if rest.is_empty() {
        return Err(Malformed::Length);
    }
    while !rest.is_empty() {
        let (length, behind) = rest.split_once(':').ok_or(Malformed::Length)?;
        let (packet, next) = split(behind, number(length)?).ok_or(Malformed::Length)?;
        // A body without packets is said as one of length 0.
        if !packet.is_empty() {
            add(&mut packets, engine::decode_text(Revision::Three, &text.slice_ref(packet))?, most)?;
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

/// Splits behind so many units; `None` where there are fewer, or where the last would be half a character.
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
