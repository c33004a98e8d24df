//! The contacts system's document, step by step, through Python's `requests` and `python-socketio`, new and old, in which its
//! users wrote.

use crate::kit::*;
use crate::tools;

#[test]
fn people_of_the_contact_list_come_talk_and_go() {
    play("5");
}

#[test]
fn so_do_those_with_an_old_client() {
    play("4");
}

fn play(version: &str) {
    let Some(python) = tools::python(version) else { return };
    for transports in ["polling", "websocket", "polling,websocket"] {
        let server = Server::start();
        server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
        for name in ["Avi", "Lisa", "Noa"] {
            register(&server, name);
        }
        let report =
            tools::run_script(&server, &python, "contacts.py", &[("PASSWORD", PASSWORD), ("TRANSPORTS", transports)]);
        assert_eq!(report["transport"], if transports == "polling" { "polling" } else { "websocket" });
        look_at_lists(&report);
        for (who, joins) in [("avi", 6), ("lisa", 3), ("back", 3)] {
            assert_eq!(report[who]["joins"], json!(vec![success(); joins]), "{transports}");
        }
        look_at_events(&report, transports);
        assert_eq!(report["online"], json!({"online_clients_list": ["Avi", "Lisa"]}), "{transports}");
        assert_eq!((&report["killed"], &report["connected"]), (&success(), &json!(true)), "{transports}");
        assert_eq!(report["goodbyes"], json!([success(), success(), success()]), "{transports}");
        assert_eq!(report["after"], invalid_jwt(), "{transports}");
    }
}

/// Each list has a room with every other user, and who is online.
fn look_at_lists(report: &Value) {
    let avis = json!({"Lisa": "Avi&Lisa", "Noa": "Avi&Noa", "root": "Avi&root"});
    let lisas = json!({"Avi": "Avi&Lisa", "Noa": "Lisa&Noa", "root": "Lisa&root"});
    for (list, contacts, online) in [
        (&report["avi"]["lists"][0], &avis, json!([])),
        (&report["lisa"]["lists"][0], &lisas, json!(["Avi"])),
        (&report["back"]["lists"][0], &lisas, json!(["Avi"])),
        (&report["avi"]["lists"][1], &avis, json!(["Lisa"])),
    ] {
        assert_eq!((&list["contacts"], &list["currently_online"]), (contacts, &online));
    }
}

/// The events that each of them received, from the first handler on.
fn look_at_events(report: &Value, transports: &str) {
    let message = |sender: &str, content: &str| json!(["received_message", sender, content]);
    let here = |name: &str| json!(["new_user_online", name]);
    let gone = |name: &str| json!(["user_has_gone_offline", name]);
    let again = "Error! User 'Avi' must disconnect, re login and reconnect so the conversation can be resumed.";
    let waits = [0, 1, 2].map(|number| message("Avi", &format!("waits {number}")));
    let first = [message("Avi", "hello Lisa"), message("Lisa", "hello Avi")];
    let avis = [
        vec![here("Avi"), here("Lisa")],
        first.to_vec(),
        vec![gone("Lisa")],
        waits.to_vec(),
        vec![here("Lisa"), message("Admin", again), here("Avi"), message("Avi", "and again")],
    ];
    let lisas = [vec![here("Lisa")], first.to_vec()];
    let backs = [vec![here("Lisa")], waits.to_vec(), vec![gone("Avi"), here("Avi"), message("Avi", "and again")]];
    assert_eq!(report["lisa"]["received"], json!(lisas.concat()), "{transports}");
    assert_eq!(report["back"]["received"], json!(backs.concat()), "{transports}");
    // He goes without waiting for what comes when he has settled again.
    let (expected, received) = (avis.concat(), list(&report["avi"], "received"));
    assert!(expected.starts_with(received) && received.len() >= expected.len() - 2, "{transports}: {received:#?}");
}
