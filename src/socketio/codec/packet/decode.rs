//! Decoding. Strict: a packet that the protocol documents do not allow is refused here, and need not be checked again.

use bytestring::ByteString;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::Malformed;
use super::{AckPacket, Content, EventPacket, Namespace, Packet};

/// Names of events that client libraries reserve.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// The largest integer that JavaScript represents exactly.
const MAX_ID: u64 = (1 << 53) - 1;

/// The first element of an array, a string. The other elements are only validated as JSON.
struct Name(String);

/// A packet and the number of attachments that follow it, at most `max_attachments`.
pub(crate) fn decode(text: &ByteString, max_attachments: usize) -> Result<(Packet, usize), Malformed> {
    let kind = *text.as_bytes().first().ok_or(Malformed::Type)?;
    if !(b'0'..=b'6').contains(&kind) {
        return Err(Malformed::Type);
    }
    let rest = text.get(1..).unwrap_or_default();
    let (attachments, rest) = if kind >= b'5' { attachments(rest, max_attachments)? } else { (0, rest) };
    let (namespace, rest) = match rest.starts_with('/') {
        true => rest.split_once(',').unwrap_or((rest, "")),
        false => ("/", rest),
    };
    let namespace = if namespace == "/" { Namespace::main() } else { Namespace(text.slice_ref(namespace)) };
    let (id, json) = number(rest)?;
    let json = || text.slice_ref(json);
    let content = match (kind, id) {
        (b'0', None) if json().is_empty() => Content::Connect(None),
        (b'0', None) => Content::Connect(Some(value(json(), "{")?)),
        (b'1', None) if json().is_empty() => Content::Disconnect,
        (b'4', None) => Content::ConnectError(value(json(), "{\"")?),
        (b'2' | b'5', id) => {
            let json = json();
            Content::Event(EventPacket { name: name(&json)?, id, json, attachments: Vec::new() })
        }
        (b'3' | b'6', Some(id)) => Content::Ack(AckPacket { id, json: value(json(), "[")?, attachments: Vec::new() }),
        _ => return Err(Malformed::Packet),
    };
    Ok((Packet { namespace, content }, attachments))
}

/// The number of attachments, and the rest after its `-`.
fn attachments(text: &str, max: usize) -> Result<(usize, &str), Malformed> {
    let (digits, rest) = text.split_once('-').ok_or(Malformed::Attachments)?;
    match number(digits) {
        Ok((Some(count), "")) => match usize::try_from(count) {
            Ok(count) if (1..=max).contains(&count) => Ok((count, rest)),
            _ => Err(Malformed::Attachments),
        },
        _ => Err(Malformed::Attachments),
    }
}

/// The number at the beginning, if there is one, and the rest.
fn number(text: &str) -> Result<(Option<u64>, &str), Malformed> {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = text.strip_suffix(rest).unwrap_or_default();
    if digits.is_empty() {
        return Ok((None, text));
    }
    match digits.parse() {
        Ok(number) if number <= MAX_ID => Ok((Some(number), rest)),
        _ => Err(Malformed::Packet),
    }
}

/// Validates JSON that must begin with one of the characters of `starts`.
fn value(json: ByteString, starts: &str) -> Result<ByteString, Malformed> {
    let is_allowed = json.starts_with(|character| starts.contains(character));
    if is_allowed && serde_json::from_str::<&RawValue>(&json).is_ok() { Ok(json) } else { Err(Malformed::Packet) }
}

/// The name of an event, the first element of its array.
fn name(json: &str) -> Result<String, Malformed> {
    if !json.starts_with('[') {
        return Err(Malformed::Packet);
    }
    let Name(name) = serde_json::from_str(json).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Malformed::EventName,
        _ => Malformed::Packet,
    })?;
    if RESERVED.contains(&name.as_str()) { Err(Malformed::EventName) } else { Ok(name) }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;
        impl<'de> Visitor<'de> for First {
            type Value = Name;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("an array that begins with a name")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Name, A::Error> {
                let name = array.next_element()?.ok_or_else(|| A::Error::custom("an empty array"))?;
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Name(name))
            }
        }
        deserializer.deserialize_seq(First)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &'static str) -> Result<(Packet, usize), Malformed> {
        decode(&ByteString::from_static(text), 10)
    }

    #[test]
    fn events_have_a_name_and_may_request_an_acknowledgement() {
        let (packet, attachments) = read(r#"2/admin,13["foo",1,{"a":[true]}]"#).unwrap();
        let Content::Event(event) = packet.content else { panic!("no event") };
        assert_eq!((packet.namespace.as_str(), event.id, &*event.name, attachments), ("/admin", Some(13), "foo", 0));
        let arguments: Vec<&str> = event.arguments().into_iter().map(RawValue::get).collect();
        assert_eq!(arguments, ["1", r#"{"a":[true]}"#]);
        let (packet, _) = read(r#"2["caf\u00e9"]"#).unwrap();
        let Content::Event(event) = packet.content else { panic!("no event") };
        assert_eq!((&*event.name, event.arguments().len()), ("café", 0));
    }

    #[test]
    fn a_namespace_may_end_the_packet() {
        let connect = |name: &'static str, auth: Option<&'static str>| {
            let content = Content::Connect(auth.map(ByteString::from_static));
            Ok((Packet { namespace: Namespace::new(name).unwrap(), content }, 0))
        };
        assert_eq!(read("0"), connect("/", None));
        assert_eq!(read(r#"0{"token":"123"}"#), connect("/", Some(r#"{"token":"123"}"#)));
        assert_eq!(read("0/custom"), connect("/custom", None));
        assert_eq!(read("0/custom,"), connect("/custom", None));
        assert_eq!(read(r#"0/custom,{"token":"abc"}"#), connect("/custom", Some(r#"{"token":"abc"}"#)));
        assert_eq!(read("0/admin?token=1234&uid=abcd"), connect("/admin?token=1234&uid=abcd", None));
    }

    fn assert_refused(why: Malformed, packets: &[&'static str]) {
        for packet in packets {
            assert_eq!(read(packet), Err(why), "{packet}");
        }
    }

    #[test]
    fn unknown_types_are_refused() {
        assert_refused(Malformed::Type, &["", "abc", "7", "999", "{}"]);
    }

    #[test]
    fn malformed_events_and_acknowledgements_are_refused() {
        let events = [
            "442[\"some\",\"data\"",
            "2",
            "2123",
            "2/admin,\"invalid",
            "2/admin,{}",
            "2{}",
            "2abc[\"message-with-ack\",1]",
            "2[\"a\"",
            "2[\"a\",]",
            "2[\"a\"]x",
            "2-1[\"a\"]",
            "29007199254740992[\"a\"]",
            "299999999999999999999999[\"a\"]",
        ];
        assert_refused(Malformed::Packet, &events);
        assert_refused(Malformed::Packet, &["3[]", "31{}", "31"]);
    }

    #[test]
    fn malformed_connects_and_disconnects_are_refused() {
        let connects = ["0/admin,\"invalid\"", "0[]", "0null", "012{}", "0{", "0{} {}", "4", "4[]", "41{}"];
        assert_refused(Malformed::Packet, &connects);
        assert_refused(Malformed::Packet, &["1{}", "1/admin,{}", "17"]);
    }

    #[test]
    fn events_without_a_proper_name_are_refused() {
        let unnamed = ["2[]", "2[1,\"a\"]", "2[true,\"foo\"]", "2[null,\"bar\"]", "2[{\"toString\":\"foo\"}]"];
        assert_refused(Malformed::EventName, &unnamed);
        let reserved = [
            "2[\"connect\"]",
            "2[\"connect_error\"]",
            "2[\"disconnect\",\"123\"]",
            "2[\"disconnecting\"]",
            "2[\"newListener\"]",
            "2[\"removeListener\"]",
        ];
        assert_refused(Malformed::EventName, &reserved);
    }

    #[test]
    fn wrong_numbers_of_attachments_are_refused() {
        let packets = ["5", "51", "50-", "5a-", "51.23-", "5-1-[\"a\"]", "5-[\"a\"]", "511-[\"a\"]", "6", "60-1[]"];
        assert_refused(Malformed::Attachments, &packets);
    }

    #[test]
    fn deeply_nested_json_is_accepted() {
        let deep = format!("2[\"a\",{}{}]", "[".repeat(100_000), "]".repeat(100_000));
        assert!(decode(&deep.into(), 10).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_decoder_panic(text in "[0-9]{0,2}-?(/[a-z]{0,3},?)?[0-9]{0,20}\\PC{0,20}", any in "\\PC{0,20}") {
            let _ = decode(&text.into(), 10);
            let _ = decode(&any.into(), 10);
        }
    }
}
