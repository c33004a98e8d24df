//! Every documented request, with each of its texts replaced.

use super::examples::Examples;
use super::fixture::{Fixture, check_reply};
use super::texts::{unstorable, variants};
use crate::kit::*;

/// Headers that are stored, looked up or compared.
const HEADERS: [(&str, &str); 5] = [
    ("User-Agent", "client/1.0"),
    ("X-Forwarded-For", "10.0.0.1"),
    ("Origin", "http://chat.example"),
    ("Cookie", "parlor_token=prl_x"),
    ("Accept-Language", "de"),
];

struct Operation<'a> {
    examples: &'a Examples<'a>,
    fixture: &'a Fixture,
    method: String,
    path: &'a str,
    documented: &'a Value,
}

impl<'a> Operation<'a> {
    fn all(examples: &'a Examples<'a>, fixture: &'a Fixture) -> Vec<Self> {
        let paths = examples.document()["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, documented)| Self {
                examples,
                fixture,
                method: method.to_uppercase(),
                path,
                documented,
            })
        });
        operations.collect()
    }

    /// The names of its parameters in `place`, which is `path` or `query`; only the required ones if asked for.
    fn parameters(&self, place: &str, required: bool) -> Vec<&'a str> {
        let all = self.documented["parameters"].as_array().into_iter().flatten();
        let fits = all.filter(|one| one["in"] == place && (!required || one["required"] == true));
        fits.map(|one| text(one, "name")).collect()
    }

    fn example(&self, name: &str) -> String {
        match name {
            "id" if self.path.contains("/invites/") => self.fixture.invite.clone(),
            "id" if self.path.contains("/tokens/") => self.fixture.login.clone(),
            "id" => self.fixture.group.clone(),
            "seq" | "rev" | "before" | "after" | "limit" => "1".to_owned(),
            name => self.examples.text(name),
        }
    }

    fn bodies(&self) -> Vec<Value> {
        let schema = &self.documented["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() { Vec::new() } else { self.examples.objects(schema) }
    }

    /// Sends it with this body, and one parameter in place of the example.
    fn send(&self, replaced: Option<(&str, &str)>, body: Option<&Value>) {
        let value = |name: &str| match replaced {
            Some((parameter, text)) if parameter == name => percent(text),
            _ => percent(&self.example(name)),
        };
        let mut path = self.path.to_owned();
        for name in self.parameters("path", true) {
            path = path.replace(&format!("{{{name}}}"), &value(name));
        }
        let required = self.parameters("query", true);
        let is_sent = |name: &&str| required.contains(name) || replaced.is_some_and(|(one, _)| one == *name);
        let query = self.parameters("query", false).into_iter().filter(is_sent);
        let query: Vec<String> = query.map(|name| format!("{name}={}", value(name))).collect();
        let is_account = self.path.ends_with("/me");
        let person = if is_account { &self.fixture.mark } else { &self.fixture.avi };
        let mut call = person.http.call(&self.method, &format!("/{path}?{}", query.join("&")));
        if let Some(body) = body {
            call = call.json(body);
        }
        let what = call.described();
        check_reply(&call.send(), &what);
    }
}

#[test]
fn a_request_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    let examples = Examples::new(&fixture);
    let mut replaced = 0;
    for operation in Operation::all(&examples, &fixture) {
        let bodies = operation.bodies();
        for place in ["path", "query"] {
            for name in operation.parameters(place, false) {
                for text in unstorable(name, &operation.example(name)) {
                    operation.send(Some((name, &text)), bodies.first());
                    replaced += 1;
                }
            }
        }
        for (_, body) in bodies.iter().flat_map(variants) {
            operation.send(None, Some(&body));
            replaced += 1;
        }
    }
    assert!(replaced > 150, "only {replaced} texts: has the document changed its form?");
    drop(examples);
    fixture.finish();
}

#[test]
fn a_header_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    for (name, example) in HEADERS {
        for text in unstorable(name, example) {
            let login = json!({"username": "lisa", "password": PASSWORD});
            let calls = [
                fixture.avi.http.call("GET", "/me"),
                fixture.server.http().call("GET", "/me"),
                fixture.server.http().call("POST", "/login").json(&login),
            ];
            for call in calls {
                let call = call.header(name, &text);
                let what = call.described();
                check_reply(&call.send(), &what);
            }
        }
    }
    fixture.finish();
}
