//! Joins packets with their attachments.

use bytes::Bytes;
use bytestring::ByteString;
use serde_json::Value;

use super::super::Malformed;
use super::{AckPacket, Content, EventPacket, Packet, decode};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Attachments {
    pub count: usize,
    /// Of all attachments together.
    pub bytes: usize,
}

/// Collects a packet and its attachments, which must follow it immediately.
#[derive(Debug)]
pub(crate) struct Assembly {
    bounds: Attachments,
    unfinished: Option<Box<Unfinished>>,
}

#[derive(Debug)]
struct Unfinished {
    packet: Packet,
    expected: usize,
    bytes: usize,
}

impl Assembly {
    pub(crate) const fn new(bounds: Attachments) -> Self {
        Self { bounds, unfinished: None }
    }

    /// Adds the text of a packet; `None`: its attachments are missing.
    pub(crate) fn text(&mut self, text: &ByteString) -> Result<Option<Packet>, Malformed> {
        if self.unfinished.is_some() {
            return Err(Malformed::Attachments);
        }
        let (packet, expected) = decode(text, self.bounds.count)?;
        if expected == 0 {
            return Ok(Some(packet));
        }
        let (Content::Event(EventPacket { json, .. }) | Content::Ack(AckPacket { json, .. })) = &packet.content else {
            return Err(Malformed::Attachments);
        };
        let value = serde_json::from_str(json).map_err(|_| Malformed::Packet)?;
        if !has_valid_placeholders(&value, expected) {
            return Err(Malformed::Attachments);
        }
        self.unfinished = Some(Box::new(Unfinished { packet, expected, bytes: 0 }));
        Ok(None)
    }

    /// Adds an attachment; `None`: more are missing.
    pub(crate) fn binary(&mut self, bytes: &[u8]) -> Result<Option<Packet>, Malformed> {
        let mut unfinished = self.unfinished.take().ok_or(Malformed::Attachments)?;
        unfinished.bytes += bytes.len();
        if unfinished.bytes > self.bounds.bytes {
            return Err(Malformed::TooLarge);
        }
        let (Content::Event(EventPacket { attachments, .. }) | Content::Ack(AckPacket { attachments, .. })) =
            &mut unfinished.packet.content
        else {
            return Err(Malformed::Attachments);
        };
        // Copied, so that it does not keep a read buffer alive.
        attachments.push(Bytes::copy_from_slice(bytes));
        if attachments.len() == unfinished.expected {
            return Ok(Some(unfinished.packet));
        }
        self.unfinished = Some(unfinished);
        Ok(None)
    }
}

/// True where every placeholder refers to one of `count` attachments.
fn has_valid_placeholders(value: &Value, count: usize) -> bool {
    match value {
        Value::Object(object) if object.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number = object.get("num").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
            number.is_some_and(|number| number < count)
        }
        Value::Object(object) => object.values().all(|value| has_valid_placeholders(value, count)),
        Value::Array(array) => array.iter().all(|value| has_valid_placeholders(value, count)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Attachments = Attachments { count: 2, bytes: 6 };

    const TWO: ByteString =
        ByteString::from_static(r#"52-["message",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]"#);

    #[test]
    fn attachments_are_joined_in_order() {
        let mut assembly = Assembly::new(BOUNDS);
        assert_eq!(assembly.text(&TWO), Ok(None));
        assert_eq!(assembly.binary(&[1, 2, 3]), Ok(None));
        let Content::Event(event) = assembly.binary(&[4, 5, 6]).unwrap().unwrap().content else { panic!("no event") };
        assert_eq!(event.attachments, [&[1, 2, 3][..], &[4, 5, 6]]);
        assert!(assembly.text(&ByteString::from_static(r#"2["hello"]"#)).unwrap().is_some());
        assert_eq!(assembly.text(&ByteString::from_static(r#"61-7[{"_placeholder":true,"num":0}]"#)), Ok(None));
        let Content::Ack(ack) = assembly.binary(&[]).unwrap().unwrap().content else { panic!("no answer") };
        assert_eq!((ack.id, ack.attachments.len()), (7, 1));
    }

    #[test]
    fn attachments_follow_their_packet_immediately() {
        let mut assembly = Assembly::new(BOUNDS);
        assert_eq!(assembly.binary(&[1]), Err(Malformed::Attachments));
        assert_eq!(assembly.text(&TWO), Ok(None));
        assert_eq!(assembly.text(&ByteString::from_static(r#"2["hello"]"#)), Err(Malformed::Attachments));
    }

    #[test]
    fn attachments_are_bounded() {
        let mut assembly = Assembly::new(BOUNDS);
        assert_eq!(assembly.text(&TWO), Ok(None));
        assert_eq!(assembly.binary(&[0; 7]), Err(Malformed::TooLarge));
        assert_eq!(assembly.text(&TWO), Ok(None));
        assert_eq!(assembly.binary(&[0; 6]), Ok(None));
        assert_eq!(assembly.binary(&[0; 1]), Err(Malformed::TooLarge));
        assert_eq!(assembly.text(&ByteString::from_static(r#"53-["message"]"#)), Err(Malformed::Attachments));
    }

    #[test]
    fn every_placeholder_refers_to_an_attachment() {
        for json in [
            r#"51-["a",{"_placeholder":true,"num":1}]"#,
            r#"51-["a",{"_placeholder":true,"num":-1}]"#,
            r#"51-["a",{"_placeholder":true,"num":"0"}]"#,
            r#"51-["a",{"_placeholder":true}]"#,
            r#"51-["a",[{"b":{"_placeholder":true,"num":"splice"}}]]"#,
        ] {
            let mut assembly = Assembly::new(BOUNDS);
            assert_eq!(assembly.text(&ByteString::from_static(json)), Err(Malformed::Attachments), "{json}");
        }
        let deep = format!("51-[\"a\",{}{}]", "[".repeat(1_000), "]".repeat(1_000));
        assert_eq!(Assembly::new(BOUNDS).text(&deep.into()), Err(Malformed::Packet));
    }

    proptest! {
        #[test]
        fn no_input_makes_the_assembly_panic(
            inputs in proptest::collection::vec(("[0-6]?([0-9]-)?[0-9]?\\PC{0,20}", any::<bool>()), 0..10),
        ) {
            let mut assembly = Assembly::new(BOUNDS);
            for (text, binary) in inputs {
                let _ = if binary { assembly.binary(text.as_bytes()) } else { assembly.text(&text.into()) };
            }
        }
    }
}
