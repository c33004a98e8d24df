//! Registration, login, and changes of the own profile.

use crate::kit::*;

fn register_as(server: &Server, username: &str, password: &str) -> Reply {
    let body = json!({"username": username, "password": password});
    server.http().post("/register", body)
}

fn login_as(server: &Server, username: &str, password: &str) -> Reply {
    let body = json!({"username": username, "password": password});
    server.http().post("/login", body)
}

#[test]
fn a_new_account_is_answered_with_its_user() {
    let server = Server::start();
    let user = register_as(&server, "Avi", PASSWORD).ok()["user"].clone();
    assert_eq!(user["username"], "Avi");
    assert_eq!(user["display_name"], "Avi");
    assert_eq!(user["kind"], "account");
    assert_eq!(user["status"], "offline");
    assert!(!text(&user, "id").is_empty());
    assert_eq!(user["deleted"], Value::Null, "a field without a value is left out");
}

#[test]
fn a_name_is_taken_whatever_its_case() {
    let server = Server::start();
    register_as(&server, "Avi", PASSWORD).ok();
    for name in ["Avi", "avi", "AVI"] {
        register_as(&server, name, "another password").refused(409, "username_taken");
    }
    // The refused attempts changed nothing about the account.
    login_as(&server, "Avi", PASSWORD).ok();
}

#[test]
fn of_two_registrations_of_one_name_at_once_one_succeeds() {
    let server = Server::start();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| register_as(&server, "avi", PASSWORD).status)).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3);
}

#[test]
fn a_username_has_a_shape() {
    let server = Server::start();
    let long = "a".repeat(33);
    for name in ["", "a", "_a", "_avi", "-avi", ".avi", "a vi", "avi\n", "ávi", "avi@home", "a/b/c", &long] {
        register_as(&server, name, PASSWORD).blames("username");
    }
    let longest = "a".repeat(32);
    for name in ["ab", "0x", "abc", "0ab", "a.b-c_d", "Z__", &longest] {
        register_as(&server, name, PASSWORD).ok();
    }
}

#[test]
fn reserved_names_are_for_administrators() {
    let server = Server::start();
    for name in ["admin", "Admin", "root", "system", "server", "support", "everyone", "here", "all", "group", "deleted"]
    {
        let reply = register_as(&server, name, PASSWORD);
        assert!([400, 403, 409].contains(&reply.status), "{name}: {}", reply.text());
        assert!(reply.json()["code"].is_string());
    }
}

#[test]
fn a_password_is_counted_in_characters() {
    let server = Server::start();
    register_as(&server, "short", "1234567").blames("password");
    register_as(&server, "short", "пароль7").blames("password");
    register_as(&server, "long", &"a".repeat(129)).blames("password");
    let (eight, most) = ("пароль78", "ж".repeat(128));
    for (name, password) in [("eight", eight), ("most", &most)] {
        register_as(&server, name, password).ok();
        login_as(&server, name, password).ok();
    }
}

#[test]
fn common_passwords_are_refused() {
    let server = Server::start();
    let weak = |name: &str, password: &str, why: &str| {
        let answer = register_as(&server, name, password).refused(400, "invalid_request");
        assert!(text(&answer, "detail").starts_with("`password`") && text(&answer, "detail").contains(why), "{answer}");
    };
    for common in ["password", "12345678", "PassWord1", "qwertyuiop", " iloveyou"] {
        weak("avi", common, "most common");
    }
    weak("avi", "        ", "blank");
    weak("Lisa.Simpson", "lisasimpson1", "username");
    weak("avi", "Parlor2026", "product");
    // The same by every other way to a password.
    let there = server.http();
    let new = |name: &str, password: &str| json!({"Username": name, "Password": password});
    assert_eq!(there.post("//register", new("nanda", "password")).status, 400);
    assert_eq!(there.post("//register", new("nanda", "na.nda.nanda")).status, 400);
    let avi = register(&server, "avi");
    let change = |password: &str| avi.http.patch("/me", json!({"password": password, "current_password": PASSWORD}));
    for password in ["password", "AVI-avi-2026", "1234567"] {
        change(password).blames("password");
    }
    change("battery staple horse").ok();
    let operator = |arguments: &[&str], line: &str| parlor(&server.database(), arguments, line);
    operator(&["user", "add", "boss"], "password\n").refused("most common");
    operator(&["user", "add", "boss-of-all"], "bossofall1\n").refused("username");
    operator(&["user", "reset-password", "avi"], "12345678\n").refused("most common");
    operator(&["user", "reset-password", "avi"], "tea for two\n").ok();
}

#[test]
fn the_minimum_password_length_is_a_setting() {
    let server = Server::with(&[("PARLOR_PASSWORD_MIN", "4")]);
    register_as(&server, "avi", "tea!").ok();
    login_as(&server, "avi", "tea!").ok();
    register_as(&server, "lisa", "tea").blames("password");
    register_as(&server, "lisa", "1234").blames("password");
    let avi = register(&server, "mark");
    assert_eq!(avi.connect().ready["limits"]["password_min"], 4);
    for wrong in ["0", "129", "-1", "eight"] {
        let folder = crate::kit::folder::Folder::new();
        let refused = Server::try_at(folder.path(), &[("PARLOR_PASSWORD_MIN", wrong)]).err().expect("no start");
        assert!(refused.contains("password-min"), "{refused}");
    }
}

#[test]
fn an_account_made_under_older_rules_still_logs_in() {
    let mut server = Server::with(&[("PARLOR_PASSWORD_MIN", "4")]);
    register_as(&server, "avi", "tea!").ok();
    server.terminate();
    let stricter = Server::at(server.folder(), &[("PARLOR_PASSWORD_MIN", "20")]);
    login_as(&stricter, "avi", "tea!").ok();
    register_as(&stricter, "lisa", "battery staple").blames("password");
}

#[test]
fn spaces_around_the_name_do_not_matter_for_a_login() {
    let server = Server::start();
    register_as(&server, "avi", PASSWORD).ok();
    for name in ["avi ", " Avi", "\tAVI\n", "\u{a0}avi\u{3000}"] {
        login_as(&server, name, PASSWORD).ok();
    }
    let fields = json!({"username": " avi ", "password": PASSWORD});
    assert_eq!(server.http().post("//log_in", fields).ok()["result"], "success");
    let fields = json!({"Username": "avi ", "Password": PASSWORD});
    assert_eq!(text(&server.http().post("//login", fields).ok(), "Username"), "avi");
    login_as(&server, "a vi", PASSWORD).refused(400, "unknown_user");
    register_as(&server, "lisa ", PASSWORD).blames("username");
}

#[test]
fn a_login_answers_with_a_token_and_a_cookie() {
    let server = Server::start();
    register_as(&server, "avi", PASSWORD).ok();
    let reply = login_as(&server, "avi", PASSWORD);
    let answer = reply.ok();
    assert!(text(&answer, "token").starts_with("prl_"));
    // 256 bits need 43 characters in base64.
    assert!(text(&answer, "token").len() >= 4 + 43);
    assert!(text(&answer, "expires_at").ends_with('Z'));
    assert_eq!(answer["user"]["username"], "avi");
    let cookie = reply.header("set-cookie").expect("a cookie").to_owned();
    let parts: Vec<&str> = cookie.split(';').map(str::trim).collect();
    assert_eq!(parts[0], format!("parlor_token={}", text(&answer, "token")));
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(parts.contains(&wanted), "{cookie} lacks {wanted}");
    }
    assert!(!parts.contains(&"Secure"), "plain http cannot keep a Secure cookie");
}

#[test]
fn behind_https_the_cookie_is_secure() {
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    register_as(&server, "avi", PASSWORD).ok();
    let reply = login_as(&server, "avi", PASSWORD);
    let cookie = reply.header("set-cookie").expect("a cookie");
    assert!(cookie.split(';').any(|part| part.trim() == "Secure"), "{cookie}");
}

#[test]
fn a_failed_login_has_a_reason() {
    let server = Server::start();
    register_as(&server, "avi", PASSWORD).ok();
    login_as(&server, "nobody-here", PASSWORD).refused(400, "unknown_user");
    login_as(&server, "avi", "wrong password").refused(401, "wrong_password");
    // Anything may be tried as a password; only registering has rules.
    login_as(&server, "avi", "short").refused(401, "wrong_password");
    login_as(&server, "avi", PASSWORD).ok();
}

#[test]
fn uniform_login_errors_reveal_no_usernames() {
    let server = Server::with(&[("PARLOR_UNIFORM_LOGIN_ERRORS", "true")]);
    register_as(&server, "avi", PASSWORD).ok();
    let unknown = login_as(&server, "nobody-here", PASSWORD).refused(401, "wrong_password");
    let known = login_as(&server, "avi", "wrong password").refused(401, "wrong_password");
    assert_eq!(unknown, known);
}

#[test]
fn a_login_ignores_case_and_answers_with_the_registered_spelling() {
    let server = Server::start();
    register_as(&server, "Avi", PASSWORD).ok();
    let answer = login_as(&server, "aVI", PASSWORD).ok();
    assert_eq!(answer["user"]["username"], "Avi");
}

#[test]
fn a_user_reads_and_changes_their_profile() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let me = avi.http.get("/me").ok();
    assert_eq!(me["user"]["id"], avi.id.as_str());
    assert_eq!(me["accepts"], "anyone", "the default for new accounts");

    let changed = json!({"display_name": "Avi the Brave", "accepts": "invited"});
    let answer = avi.http.patch("/me", changed).ok();
    assert_eq!(answer["user"]["display_name"], "Avi the Brave");
    assert_eq!(answer["user"]["username"], "avi", "the name never changes");
    assert_eq!(answer["accepts"], "invited");

    // Fields that are not named keep their values.
    avi.http.patch("/me", json!({})).ok();
    let me = avi.http.get("/me").ok();
    assert_eq!(me["user"]["display_name"], "Avi the Brave");
    assert_eq!(me["accepts"], "invited");
}

#[test]
fn a_profile_has_its_limits() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let change = |body: Value| avi.http.patch("/me", body);
    change(json!({"display_name": ""})).blames("display_name");
    change(json!({"display_name": "ж".repeat(101)})).blames("display_name");
    change(json!({"display_name": 7})).blames("display_name");
    change(json!({"accepts": "nobody"})).blames("accepts");
    change(json!({"display_name": "ж".repeat(100)})).ok();
}
