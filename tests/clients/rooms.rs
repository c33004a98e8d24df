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
        let report =
            tools::run_script(&server, &node, "rooms.mjs", &[("TRANSPORTS", transports), ("VERSION", version)]);
        let message = |name: &str, message: &str| json!({"name": name, "message": message});
        let (entered, left) = ("has entered the room", "has left the room");
        // A form without a name, a code or a room is refused, and a name that is taken.
        assert_eq!(report["refused"], json!([200, 200, 200, 200]), "{transports}");
        // Old clients receive a message without a code.
        let no = if version == "2" {
            "Log in first: the token is missing, unknown, revoked or expired."
        } else {
            "unauthenticated"
        };
        assert_eq!(report["strangers"], json!(["/", no]), "{transports}");
        let before =
            [message("Avi Ω", entered), message("לִיסָה", entered), message("Avi Ω", "hello"), message("לִיסָה", "shalom")];
        let after = [message("Avi Ω", "still here?"), message("לִיסָה", "yes"), message("לִיסָה", left)];
        assert_eq!(report["avi"], json!([&before[..], &after[..]].concat()), "{transports}");
        assert_eq!(report["lisa"], json!([&before[1..], &after[..2]].concat()), "{transports}");
        // A page that is loaded again has the earlier messages.
        assert_eq!(report["page"], json!(["Avi Ω has entered", "לִיסָה has entered", "hello", "shalom"]), "{transports}");
        // The last one out ends the room.
        until("the room is gone", PATIENCE, || server.count("SELECT count(*) FROM sessions WHERE kind = 2") == 0);
    }
}
