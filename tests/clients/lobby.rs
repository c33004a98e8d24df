//! The lobby system's document, step by step, through Python's `requests` and `python-socketio`.

use crate::kit::*;
use crate::tools;

#[test]
fn guests_of_the_lobby_come_talk_and_go() {
    let Some(python) = tools::python("5") else { return };
    for transports in ["polling", "websocket", "polling,websocket"] {
        let server = Server::with(&[("PARLOR_LOBBY", "on")]);
        let report = tools::run_script(&server, &python, "lobby.py", &[("TRANSPORTS", transports)]);
        // Three come in, and one by a name that is taken; out by another's name, and by one's own; and the next one comes in.
        assert_eq!(report["status"], json!([200, 200, 200, 409, 403, 200, 200]), "{transports}");
        assert_eq!(report["transport"], if transports == "polling" { "polling" } else { "websocket" });
        assert_eq!(report["not_reconnected"], true, "{transports}");
        let answers = &report["answers"];
        let [first, second, third] =
            [&answers[0][0], &answers[1][0], &answers[0][2]].map(|one| number(one, "message_id"));
        assert!(first < second && second < third, "{answers}");
        let nobody = json!({"error": "user_not_found"});
        assert_eq!(
            answers,
            &json!([[{"message_id": first}, nobody, {"message_id": third}], [{"message_id": second}], [], []])
        );
        let message = |sender: &str, receiver: &str, id: u64, content: &str| json!({"sender": sender, "receiver": receiver, "message_id": id, "message_text": content});
        let direct = message("Avi", "Lisa", first, "between us");
        let group = message("Lisa", "group", second, "hello all");
        let welcome = message("Avi", "lisa", third, "welcome");
        assert_eq!(
            report["received"],
            json!([[direct, group, welcome], [direct, group], [group], [welcome]]),
            "{transports}"
        );
    }
}
