//! Every frame of the native dialect, with each of its texts replaced, over a WebSocket and over Socket.IO.

use super::examples::Examples;
use super::fixture::{Fixture, check_answer};
use super::texts::{unstorable, variants};
use crate::kit::*;

/// Valid frames of every type.
fn frames(examples: &Examples<'_>) -> Vec<Value> {
    let list = &examples.document()["paths"]["/api/v1/ws"]["get"]["x-client-frames"];
    let frames = examples.objects(list);
    assert!(frames.len() > 20, "{frames:?}");
    frames
}

#[test]
fn a_frame_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    let examples = Examples::new(&fixture);
    let mut his = fixture.avi.connect();
    for (path, frame) in frames(&examples).iter().flat_map(variants) {
        let what = format!("{path} in {frame}");
        if frame["type"] == "hello" {
            let mut other = fixture.avi.upgrade();
            other.send(&frame);
            assert!([4501, 4503].contains(&other.close_code()), "{what}");
            continue;
        }
        his.send(&frame);
        let answer = match path.as_str() {
            "/id" => his.expect("error"),
            _ => his.answer("first"),
        };
        check_answer(&answer, &what);
        his.fence();
    }
    drop(examples);
    fixture.finish();
}

#[test]
fn a_socketio_event_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    let examples = Examples::new(&fixture);
    let mut his = SocketIoClient::connect(fixture.server.endpoint(), Transport::Socket, &fixture.avi.token);
    for mut frame in frames(&examples) {
        let name = text(&frame, "type").to_owned();
        let fields = frame.as_object_mut().unwrap();
        fields.remove("type");
        fields.remove("id");
        let copies = variants(&frame).into_iter().map(|(_, copy)| (name.clone(), copy));
        let named = unstorable("type", &name).into_iter().map(|name| (name, frame.clone()));
        for (name, fields) in copies.chain(named) {
            let what = format!("{name:?} {fields}");
            check_answer(&his.request(&name, fields), &what);
            his.request("ping", json!({}));
        }
    }
    for token in unstorable("token", &fixture.avi.token) {
        let mut other = SocketIoClient::open(fixture.server.endpoint(), Transport::Socket, &[]).expect("a handshake");
        let refused = other.enter(json!({"token": token})).expect_err("no such token");
        check_answer(&refused, "CONNECT");
    }
    drop(examples);
    fixture.finish();
}
