//! The room-code document, step by step, through the form and `socket.io-client`.

use crate::kit::*;
use crate::tools;

#[test]
fn guests_of_a_room_come_by_the_form_talk_and_go() {
    let Some(node) = tools::node() else { return };
    for (transports, version) in
        [("polling", "4"), ("websocket", "4"), ("polling,websocket", "4"), ("polling,websocket", "2")]
    {
        let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "1"), ("PARLOR_ROOM_GRACE_SECONDS", "1")]);
        let told = tools::told(&server, &node, "rooms.mjs", &[("TRANSPORTS", transports), ("VERSION", version)]);
        let said = |name: &str, message: &str| json!({"name": name, "message": message});
        let (entered, left) = ("has entered the room", "has left the room");
        // Nobody without a name, a code, or a room; and not twice by one name.
        assert_eq!(told["refused"], json!([200, 200, 200, 200]), "{transports}");
        // Old clients are told no codes, only words.
        let no = if version == "2" {
            "Log in first: the token is missing, unknown, revoked or expired."
        } else {
            "unauthenticated"
        };
        assert_eq!(told["strangers"], json!(["/", no]), "{transports}");
        let before = [said("Avi Ω", entered), said("לִיסָה", entered), said("Avi Ω", "hello"), said("לִיסָה", "shalom")];
        let after = [said("Avi Ω", "still here?"), said("לִיסָה", "yes"), said("לִיסָה", left)];
        assert_eq!(told["avi"], json!([&before[..], &after[..]].concat()), "{transports}");
        assert_eq!(told["lisa"], json!([&before[1..], &after[..2]].concat()), "{transports}");
        // A page that is loaded again has what was said before.
        assert_eq!(told["page"], json!(["Avi Ω has entered", "לִיסָה has entered", "hello", "shalom"]), "{transports}");
        // The last one out ends the room.
        until("the room is gone", PATIENCE, || server.count("SELECT count(*) FROM sessions WHERE kind = 2") == 0);
    }
}
