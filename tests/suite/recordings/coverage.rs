//! The recordings are complete: every route, frame, error code and close code is in one of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::kit::*;

/// What has no scenario that is the same every time: a server that is overloaded, a fault of the server, a client that is too slow.
const UNRECORDED: [&str; 3] = ["busy", "internal", "4008"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All lines of all recordings.
fn lines() -> Vec<String> {
    let names = names(&golden::folder(), "txt");
    names.iter().flat_map(|name| golden::read(name)).collect()
}

/// The files of a folder that end so, without the ending.
fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|given| given == ending));
    wanted.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

/// The codes in the table below a heading of the protocol's page.
fn documented(heading: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let section = page.split(&format!("\n## {heading}\n")).nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let codes = cells.flat_map(|cell| cell.split(", ")).map(|code| code.trim_matches('`').to_owned());
    codes.filter(|code| !UNRECORDED.contains(&code.as_str())).collect()
}

#[track_caller]
fn are_recorded(what: &str, wanted: impl IntoIterator<Item = String>, is_recorded: impl Fn(&str) -> bool) {
    let missing: Vec<String> = wanted.into_iter().filter(|one| !is_recorded(one)).collect();
    assert!(missing.is_empty(), "no recording has these {what}: {missing:?}");
}

#[test]
fn every_route_has_a_recorded_success() {
    if golden::accepts() {
        return;
    }
    let mut recorded = BTreeSet::new();
    let lines = lines();
    let exchanges: Vec<&String> = lines.iter().filter(|line| line.contains(" > ") || line.contains(" < ")).collect();
    for pair in exchanges.windows(2) {
        let (Some((who, request)), Some(reply)) = (pair[0].split_once(" > "), pair[1].split_once(" < ")) else {
            continue;
        };
        let status: u16 = reply.1.split(' ').next().and_then(|name| name.parse().ok()).unwrap_or_default();
        let mut content = request.split([' ', '?']);
        if let (Some(method), Some(path), 101 | 200..300, true) =
            (content.next(), content.next(), status, who == reply.0)
        {
            recorded.insert((method.to_lowercase(), path.to_owned()));
        }
    }
    let document = Server::start().http().get("//openapi.json").ok();
    let paths = document["paths"].as_object().unwrap().iter();
    let routes = paths
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}")));
    are_recorded("routes", routes.filter(|route| !route.ends_with("/ws")), |route| {
        let (method, path) = route.split_once(' ').unwrap();
        recorded.iter().any(|(verb, given)| verb == method && fits(path, given))
    });
}

/// True where a path is one of this template's.
fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len() && wanted.iter().zip(given).all(|(one, other)| one.starts_with('{') || *one == other)
}

#[test]
fn every_frame_is_recorded() {
    if golden::accepts() {
        return;
    }
    let (lines, document) = (lines(), Server::start().http().get("//openapi.json").ok());
    for (side, list) in [(" > ", "ClientFrame"), (" < ", "ServerFrame")] {
        let types = &document["components"]["schemas"][list]["discriminator"]["mapping"];
        let types = types.as_object().unwrap().keys().cloned();
        are_recorded("frames", types, |kind| {
            let tag = format!("\"type\":\"{kind}\"");
            lines.iter().any(|line| line.contains(side) && line.contains(&tag))
        });
    }
}

#[test]
fn every_error_code_and_close_code_is_recorded() {
    if golden::accepts() {
        return;
    }
    let lines = lines();
    let is_recorded = |before: &str, code: &str, after: &str| {
        let wanted = format!("{before}{code}{after}");
        lines.iter().any(|line| line.contains(" < ") && line.contains(&wanted))
    };
    are_recorded("error codes", documented("Error codes"), |code| is_recorded("\"code\":\"", code, "\""));
    are_recorded("close codes", documented("Close codes"), |code| {
        is_recorded("close ", code, " ") || is_recorded("close (", code, ",")
    });
}

#[test]
fn every_recording_has_a_scenario() {
    if golden::accepts() {
        return;
    }
    let mut scenarios = BTreeSet::new();
    let folder = root().join("tests/suite/recordings");
    for name in names(&folder, "rs") {
        let source = fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
        let found = source.split("Transcript::new(\"").skip(1).filter_map(|rest| rest.split('"').next());
        scenarios.extend(found.map(str::to_owned));
    }
    assert_eq!(names(&golden::folder(), "txt"), scenarios.into_iter().collect());
}
