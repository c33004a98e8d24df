//! Encoding. Each function appends one packet's text, so that it can be written into a frame without a copy.

use super::super::engine::Revision;
use super::Namespace;
#[cfg(any(test, feature = "conformance"))]
use super::{Content, Packet};

/// Any packet; the caller sends its attachments after it.
#[cfg(any(test, feature = "conformance"))]
pub(crate) fn encode(packet: &Packet, to: &mut Vec<u8>) {
    let namespace = &packet.namespace;
    match &packet.content {
        Content::Connect(auth) => {
            head('0', 0, namespace, None, to);
            to.extend_from_slice(auth.as_deref().unwrap_or_default().as_bytes());
        }
        Content::ConnectError(json) => {
            head('4', 0, namespace, None, to);
            to.extend_from_slice(json.as_bytes().as_ref());
        }
        Content::Disconnect => disconnect(namespace, to),
        Content::Event(event) => {
            let count = event.attachments.len();
            head(if count > 0 { '5' } else { '2' }, count, namespace, event.id, to);
            to.extend_from_slice(event.json.as_bytes().as_ref());
        }
        Content::Ack(ack) => {
            let count = ack.attachments.len();
            head(if count > 0 { '6' } else { '3' }, count, namespace, Some(ack.id), to);
            to.extend_from_slice(ack.json.as_bytes().as_ref());
        }
    }
}

/// An event without attachments; `arguments` writes the arguments, separated by commas.
pub(crate) fn event(namespace: &Namespace, name: &str, to: &mut Vec<u8>, arguments: impl FnOnce(&mut Vec<u8>)) {
    head('2', 0, namespace, None, to);
    to.push(b'[');
    string(name, to);
    to.push(b',');
    let before = to.len();
    arguments(to);
    if to.len() == before {
        to.pop();
    }
    to.push(b']');
}

/// The acknowledgement with this number, without attachments.
pub(crate) fn acknowledge(namespace: &Namespace, id: u64, to: &mut Vec<u8>, arguments: impl FnOnce(&mut Vec<u8>)) {
    head('3', 0, namespace, Some(id), to);
    to.push(b'[');
    arguments(to);
    to.push(b']');
}

/// Accepts a client. In revision 3 a namespace has no `sid` of its own.
pub(crate) fn connect(revision: Revision, namespace: &Namespace, sid: &str, to: &mut Vec<u8>) {
    head('0', 0, namespace, None, to);
    if revision == Revision::Four {
        to.extend_from_slice(b"{\"sid\":");
        string(sid, to);
        to.push(b'}');
    }
}

/// Refuses a client, with `code` as `data.code` of its error; in revision 3 with the message only.
pub(crate) fn connect_error(
    revision: Revision,
    namespace: &Namespace,
    message: &str,
    code: Option<&str>,
    to: &mut Vec<u8>,
) {
    head('4', 0, namespace, None, to);
    if revision == Revision::Three {
        return string(message, to);
    }
    to.extend_from_slice(b"{\"message\":");
    string(message, to);
    if let Some(code) = code {
        to.extend_from_slice(b",\"data\":{\"code\":");
        string(code, to);
        to.push(b'}');
    }
    to.push(b'}');
}

/// Disconnects a client, which does not reconnect by itself.
pub(crate) fn disconnect(namespace: &Namespace, to: &mut Vec<u8>) {
    head('1', 0, namespace, None, to);
}

fn head(kind: char, attachments: usize, namespace: &Namespace, id: Option<u64>, to: &mut Vec<u8>) {
    let mut text = String::from(kind);
    if attachments > 0 {
        text.push_str(&attachments.to_string());
        text.push('-');
    }
    if !namespace.is_main() {
        text.push_str(namespace.as_str());
        text.push(',');
    }
    if let Some(id) = id {
        text.push_str(&id.to_string());
    }
    to.extend_from_slice(text.as_bytes());
}

fn string(text: &str, to: &mut Vec<u8>) {
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(to, text);
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use bytestring::ByteString;
    use proptest::prelude::*;

    use super::super::{AckPacket, Assembly, Attachments, EventPacket};
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut to = Vec::new();
        write(&mut to);
        String::from_utf8(to).unwrap()
    }

    fn admin() -> Namespace {
        Namespace::new("/admin").unwrap()
    }

    #[test]
    fn packets_match_the_protocol_documents() {
        let main = Namespace::main();
        let (three, four) = (Revision::Three, Revision::Four);
        assert_eq!(written(|to| connect(four, &main, "wZX3oN0b", to)), r#"0{"sid":"wZX3oN0b"}"#);
        assert_eq!(written(|to| connect(four, &admin(), "oSO0Opak", to)), r#"0/admin,{"sid":"oSO0Opak"}"#);
        assert_eq!(written(|to| connect(three, &main, "a", to)), "0");
        assert_eq!(written(|to| connect(three, &admin(), "a", to)), "0/admin,");
        let error = |revision, code| written(|to| connect_error(revision, &admin(), "Not \"so\"", code, to));
        assert_eq!(error(four, None), r#"4/admin,{"message":"Not \"so\""}"#);
        assert_eq!(error(four, Some("x")), r#"4/admin,{"message":"Not \"so\"","data":{"code":"x"}}"#);
        assert_eq!(error(three, Some("x")), r#"4/admin,"Not \"so\"""#);
        assert_eq!(written(|to| event(&main, "foo", to, |_| ())), r#"2["foo"]"#);
        let bar = |to: &mut Vec<u8>| to.extend_from_slice(br#"1,"bar""#);
        assert_eq!(written(|to| event(&admin(), "f\"oo", to, bar)), r#"2/admin,["f\"oo",1,"bar"]"#);
        assert_eq!(written(|to| acknowledge(&main, 12, to, |_| ())), "312[]");
        assert_eq!(written(|to| acknowledge(&admin(), 13, to, bar)), r#"3/admin,13[1,"bar"]"#);
        assert_eq!(written(|to| disconnect(&main, to)), "1");
        assert_eq!(written(|to| disconnect(&admin(), to)), "1/admin,");
    }

    #[test]
    fn attachments_are_counted_in_the_packet() {
        let json = ByteString::from_static(r#"["baz",{"_placeholder":true,"num":0}]"#);
        let attachments = vec![Bytes::from_static(&[1, 2, 3, 4])];
        let event =
            EventPacket { name: "baz".to_owned(), id: Some(14), json: json.clone(), attachments: attachments.clone() };
        let packet = Packet { namespace: Namespace::main(), content: Content::Event(event) };
        assert_eq!(written(|to| encode(&packet, to)), r#"51-14["baz",{"_placeholder":true,"num":0}]"#);
        let packet = Packet { namespace: admin(), content: Content::Ack(AckPacket { id: 15, json, attachments }) };
        assert_eq!(written(|to| encode(&packet, to)), r#"61-/admin,15["baz",{"_placeholder":true,"num":0}]"#);
    }

    /// Any packet, with as many placeholders as attachments.
    fn packets() -> impl Strategy<Value = Packet> {
        let bytes = || proptest::collection::vec(any::<u8>(), 0..10).prop_map(Bytes::from);
        let arguments = (proptest::collection::vec(any::<String>(), 0..3), proptest::collection::vec(bytes(), 0..3));
        let elements = |texts: Vec<String>, attachments: &[Bytes]| {
            let mut elements: Vec<serde_json::Value> = texts.into_iter().map(Into::into).collect();
            elements.extend((0..attachments.len()).map(|num| serde_json::json!({ "_placeholder": true, "num": num })));
            elements
        };
        let json = |elements: Vec<serde_json::Value>| ByteString::from(serde_json::Value::from(elements).to_string());
        let id = 0_u64..(1 << 53);
        let object = any::<String>().prop_map(|text| ByteString::from(serde_json::json!({ "a": text }).to_string()));
        let content = prop_oneof![
            proptest::option::of(object.clone()).prop_map(Content::Connect),
            object.prop_map(Content::ConnectError),
            Just(Content::Disconnect),
            ("[a-z é]{0,8}", proptest::option::of(id.clone()), arguments.clone()).prop_map(
                move |(name, id, (texts, attachments))| {
                    let name = format!("{name}!");
                    let mut all = vec![name.clone().into()];
                    all.extend(elements(texts, &attachments));
                    Content::Event(EventPacket { name, id, json: json(all), attachments })
                }
            ),
            (id, arguments).prop_map(move |(id, (texts, attachments))| {
                Content::Ack(AckPacket { id, json: json(elements(texts, &attachments)), attachments })
            }),
        ];
        ("/[a-z?=]{0,5}", content)
            .prop_map(|(name, content)| Packet { namespace: Namespace::new(name).unwrap(), content })
    }

    proptest! {
        #[test]
        fn every_packet_survives_a_round_trip(packet in packets()) {
            let mut assembly = Assembly::new(Attachments { count: 10, bytes: 1_000 });
            let mut read = assembly.text(&written(|to| encode(&packet, to)).into()).unwrap();
            if let Content::Event(EventPacket { attachments, .. }) | Content::Ack(AckPacket { attachments, .. }) = &packet.content {
                for attachment in attachments {
                    prop_assert!(read.is_none());
                    read = assembly.binary(attachment).unwrap();
                }
            }
            prop_assert_eq!(read, Some(packet));
        }
    }
}
