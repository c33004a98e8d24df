//! The REST handlers with all services behind them, in one process and without sockets.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use serde_json::{Value, json};

use super::*;
use crate::chat::Chat;
use crate::chat::tests::Fixture;
use crate::edge;
use crate::http::{bound_response, close_unread};

const PASSWORD: &str = "correct horse";

struct TestReply {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl TestReply {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// A problem document with this status and code.
    #[track_caller]
    fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header(header::CONTENT_TYPE), problem::PROBLEM_JSON);
        assert_eq!((&self.body["status"], &self.body["code"]), (&json!(status), &json!(code)), "{}", self.body);
        self
    }
}

impl Fixture {
    /// Sends a request through the handlers and their middleware.
    async fn call(&self, request: TestRequest) -> TestReply {
        let app = actix_web::App::new()
            .wrap(from_fn(close_unread))
            .wrap(from_fn(edge::finish_response))
            .wrap(from_fn(bound_response))
            .app_data(web::Data::new(self.services.clone()))
            .app_data(web::Data::new(Chat(self.chat.clone())))
            .configure(routes);
        let service = init_service(app).await;
        let request = request.peer_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 4_711)));
        let response = call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&read_body(response).await).unwrap_or_default();
        TestReply { status, headers, body }
    }

    async fn post(&self, path: &str, token: Option<&str>, body: Value) -> TestReply {
        self.call(with_token(TestRequest::post(), path, token).set_json(body)).await
    }

    async fn get(&self, path: &str, token: Option<&str>) -> TestReply {
        self.call(with_token(TestRequest::get(), path, token)).await
    }

    /// Registers and logs in; the token.
    async fn account(&self, username: &str) -> String {
        let account = json!({"username": username, "password": PASSWORD});
        self.post("/register", None, account.clone()).await.ok();
        self.post("/login", None, account).await.ok()["token"].as_str().unwrap().to_owned()
    }
}

fn with_token(request: TestRequest, path: &str, token: Option<&str>) -> TestRequest {
    let request = request.uri(&format!("{API}{path}"));
    match token {
        Some(token) => request.insert_header((header::AUTHORIZATION, format!("Bearer {token}"))),
        None => request,
    }
}

#[actix_web::test]
async fn an_account_is_made_once() {
    let fixture = Fixture::open(&[]);
    let new = |username: &str| json!({"username": username, "password": PASSWORD});
    let made = fixture.post("/register", None, new("Ada")).await.ok();
    assert_eq!(made["user"]["username"], "Ada");
    assert_eq!(made["user"]["status"], "offline", "it is not logged in");
    fixture.post("/register", None, new("ada")).await.refused(409, "username_taken");
    let weak = json!({"username": "grace", "password": "password"});
    let refused = fixture.post("/register", None, weak).await.refused(400, "invalid_request");
    assert!(refused.body["detail"].as_str().unwrap().contains("`password`"), "{}", refused.body);
}

#[actix_web::test]
async fn a_login_gives_a_token_that_opens_the_account() {
    let fixture = Fixture::open(&[]);
    let token = fixture.account("ada").await;
    assert_eq!(fixture.get("/me", Some(&token)).await.ok()["user"]["username"], "ada");
    let login = fixture.post("/login", None, json!({"username": "ADA", "password": PASSWORD})).await;
    let cookie = login.header(header::SET_COOKIE).to_owned();
    let second = login.ok()["token"].as_str().unwrap().to_owned();
    assert!(cookie.starts_with(&format!("parlor_token={second};")) && cookie.contains("HttpOnly"), "{cookie}");
    assert_ne!(second, token, "each login has its own");
    let logout = fixture.post("/logout", Some(&token), json!({})).await;
    assert_eq!(logout.status, 204);
    fixture.get("/me", Some(&token)).await.refused(401, "unauthenticated");
    fixture.get("/me", Some(&second)).await.ok();
}

#[actix_web::test]
async fn a_login_that_is_wrong_is_refused() {
    let fixture = Fixture::open(&[]);
    fixture.account("ada").await;
    for (username, password, status, code) in
        [("ada", "battery staple", 401, "wrong_password"), ("grace", PASSWORD, 400, "unknown_user")]
    {
        let login = json!({"username": username, "password": password});
        let refused = fixture.post("/login", None, login).await.refused(status, code);
        assert_eq!(refused.header(header::SET_COOKIE), "");
    }
    let anonymous = fixture.get("/me", None).await.refused(401, "unauthenticated");
    assert_eq!(anonymous.header(header::WWW_AUTHENTICATE), "Bearer");
}

#[actix_web::test]
async fn an_invite_is_answered_once_by_the_user_it_is_for() {
    let fixture = Fixture::open(&[]);
    let (ada, grace, eve) =
        (fixture.account("ada").await, fixture.account("grace").await, fixture.account("eve").await);
    let invite = json!({"username": "grace"});
    let created = fixture.post("/invites", Some(&ada), invite.clone()).await.ok();
    let id = created["invite"]["id"].as_str().unwrap().to_owned();
    assert_eq!(created["invite"]["state"], "pending");
    assert_eq!(fixture.post("/invites", Some(&ada), invite.clone()).await.ok()["invite"]["id"], id, "the same one");
    assert_eq!(fixture.get("/invites", Some(&grace)).await.ok()["invites"][0]["id"], id);
    let accept = format!("/invites/{id}/accept");
    for stranger in [&eve, &ada] {
        fixture.post(&accept, Some(stranger), json!({})).await.refused(404, "not_found");
    }
    assert_eq!(fixture.post(&accept, Some(&grace), json!({})).await.ok()["session"]["kind"], "direct");
    fixture.post(&accept, Some(&grace), json!({})).await.refused(410, "invite_closed");
    fixture.post("/invites", Some(&ada), invite).await.refused(409, "already_connected");
    fixture.post("/invites", Some(&ada), json!({"username": "nobody"})).await.refused(404, "unknown_user");
}

#[actix_web::test]
async fn what_is_no_request_is_refused_before_anything_is_done() {
    let fixture = Fixture::open(&[]);
    let ada = fixture.account("ada").await;
    let text = with_token(TestRequest::post(), "/invites", Some(&ada)).set_payload("username=grace");
    fixture.call(text).await.refused(415, "unsupported_media_type");
    let incomplete = fixture.post("/invites", Some(&ada), json!({})).await.refused(400, "invalid_request");
    assert!(incomplete.body["detail"].as_str().unwrap().contains("username"), "{}", incomplete.body);
    fixture.get("/nothing", Some(&ada)).await.refused(404, "not_found");
    let wrong = fixture.get("/login", Some(&ada)).await;
    assert_eq!((wrong.status, wrong.header(header::ALLOW)), (405, "POST"));
    // A token in an address would end in logs.
    fixture.get(&format!("/me?token={ada}"), None).await.refused(400, "invalid_request");
}

#[actix_web::test]
async fn a_rate_is_applied_to_each_user() {
    let fixture = Fixture::open(&["--requests-per-second", "1", "--requests-burst", "2"]);
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    for _ in 0..2 {
        fixture.get("/me", Some(&ada)).await.ok();
    }
    let refused = fixture.get("/me", Some(&ada)).await.refused(429, "rate_limited");
    assert_eq!(refused.header(header::RETRY_AFTER), "1");
    fixture.get("/me", Some(&grace)).await.ok();
}

#[test]
fn every_route_is_documented_and_nothing_else() {
    let mounted: BTreeSet<String> = API_ROUTES
        .iter()
        .map(|(method, path)| format!("{method} {API}{path}"))
        .chain(ROOT_ROUTES.iter().map(|(method, path)| format!("{method} {path}")))
        // Mounted by the gateway.
        .chain([format!("get {API}/ws")])
        .collect();
    let document = openapi::document();
    let paths = document["paths"].as_object().unwrap();
    let documented: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| format!("{method} {path}")))
        .collect();
    assert_eq!(mounted, documented);
}
