//! Groups and rooms: making, joining, managing and leaving them.

use std::collections::BTreeMap;

use super::truth::{Kind, Truth};
use super::walk::{Deed, Walk};
use crate::kit::*;

/// Sessions for more than two that there are at most at once.
const PLACES: usize = 12;

impl Walk {
    /// Two who have no session yet get one: at once, or by an invite.
    pub fn meet(&mut self) -> Option<String> {
        let (one, other) = (self.anybody(), self.anybody());
        let both = |truth: &Truth| truth.members.contains_key(&one) && truth.members.contains_key(&other);
        if one == other || self.sessions.values().any(|truth| truth.kind == Kind::Direct && both(truth)) {
            return None;
        }
        let (asks, name) = (self.clients[one].person.http.clone(), self.name(other));
        let session = if other % 2 == 0 {
            let invite = asks.post("/invites", json!({"username": name})).ok();
            let path = format!("/invites/{}/accept", text(&invite["invite"], "id"));
            self.clients[other].person.http.post(&path, json!({})).ok()
        } else {
            asks.post("/sessions", json!({"kind": "direct", "username": name})).ok()
        };
        let members = BTreeMap::from([(one, "member"), (other, "member")]);
        Some(self.begin(&session["session"], Kind::Direct, members))
    }

    pub fn make_group(&mut self) -> Option<String> {
        if self.sessions.values().filter(|truth| truth.kind == Kind::Group).count() >= PLACES / 2 {
            return None;
        }
        let owner = self.anybody();
        let mut others: Vec<usize> = (0..self.random.below(4)).map(|_| self.anybody()).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|who| *who != owner);
        let names: Vec<String> = others.iter().map(|who| self.name(*who)).collect();
        self.keys += 1;
        let title = format!("Group {}", self.keys);
        let command = json!({"type": "open", "title": title, "usernames": names});
        let body = json!({"kind": "group", "title": title, "usernames": names});
        let (answer, live) = self.act(owner, &Deed { command, method: "POST", path: "/sessions".to_owned(), body });
        if live {
            self.clients[owner].memory.shown(&answer["session"]);
        }
        // Users with an even number are invited first.
        let mut members: BTreeMap<usize, &str> =
            others.iter().filter(|who| *who % 2 == 1).map(|who| (*who, "member")).collect();
        members.insert(owner, "owner");
        let id = self.begin(&answer["session"], Kind::Group, members);
        let invited = others.into_iter().filter(|who| who % 2 == 0).map(|who| (id.clone(), owner, who));
        self.invited.extend(invited);
        Some(id)
    }

    pub fn make_room(&mut self) -> Option<String> {
        if self.sessions.values().filter(|truth| truth.kind == Kind::Room).count() >= PLACES / 2 {
            return None;
        }
        let owner = self.anybody();
        let keep = self.random.once_in(2);
        let command = json!({"type": "open", "room": true, "keep": keep});
        let body = json!({"kind": "room", "keep": keep});
        let (answer, live) = self.act(owner, &Deed { command, method: "POST", path: "/sessions".to_owned(), body });
        if live {
            self.clients[owner].memory.shown(&answer["session"]);
        }
        Some(self.begin(&answer["session"], Kind::Room, BTreeMap::from([(owner, "owner")])))
    }

    fn begin(&mut self, session: &Value, kind: Kind, members: BTreeMap<usize, &'static str>) -> String {
        let id = text(session, "id").to_owned();
        let mut truth = Truth::new(kind, text(session, "title"), members);
        truth.code = session["code"].as_str().map(str::to_owned);
        assert_eq!(session["rev"], 0, "a new session has no steps: {session}");
        assert!(self.sessions.insert(id.clone(), truth).is_none(), "{id} is there already");
        id
    }

    // Coming in

    pub fn join(&mut self) -> Option<String> {
        let rooms: Vec<String> =
            self.sessions.iter().filter(|(_, truth)| truth.kind == Kind::Room).map(|(id, _)| id.clone()).collect();
        let (session, who) = (self.one_of(&rooms)?, self.anybody());
        let code = self.sessions[&session].code.clone().unwrap();
        let command = json!({"type": "join", "code": code});
        let path = format!("/rooms/{}/join", code.to_lowercase());
        let (answer, live) = self.act(who, &Deed { command, method: "POST", path, body: json!({}) });
        let name = self.name(who);
        let truth = self.sessions.get_mut(&session).unwrap();
        if truth.members.contains_key(&who) {
            return Some(session);
        }
        let role = if truth.members.is_empty() { "owner" } else { "member" };
        truth.enters(who, role, &name);
        assert_eq!(answer["session"]["role"], role);
        if live {
            self.clients[who].memory.shown(&answer["session"]);
        }
        Some(session)
    }

    pub fn invite(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, role| truth.kind == Kind::Group && role != "member")?;
        let other = self.anybody();
        if self.sessions[&session].members.contains_key(&other) {
            return None;
        }
        let body = json!({"username": self.name(other), "session": session});
        let mut command = body.clone();
        command["type"] = json!("invite");
        let (answer, _) = self.act(who, &Deed { command, method: "POST", path: "/invites".to_owned(), body });
        assert_eq!(answer["invite"]["state"], "pending", "{answer}");
        self.invited.insert((session.clone(), who, other));
        Some(session)
    }

    /// An invited user sees exactly the invites that are open, and answers one.
    pub fn answer(&mut self) -> Option<String> {
        let who = self.anybody();
        let listed = self.clients[who].person.http.get("/invites?direction=in&limit=200").ok();
        let mut open = list(&listed, "invites").to_vec();
        open.retain(|one| one["state"] == "pending");
        let id_of =
            |walk: &Self, name: &str| walk.clients.iter().position(|client| client.person.username == name).unwrap();
        let received: std::collections::BTreeSet<_> = open
            .iter()
            .map(|one| (text(&one["session"], "id").to_owned(), id_of(self, text(&one["from"], "username")), who))
            .collect();
        let wanted = self.invited.iter().filter(|(_, _, invited)| *invited == who).cloned().collect();
        assert_eq!(received, wanted, "questions to {}", self.name(who));
        let invite = self.one_of(&open)?;
        let session = text(&invite["session"], "id").to_owned();
        let (accept, inviter) = (!self.random.once_in(4), id_of(self, text(&invite["from"], "username")));
        let command = json!({"type": "answer", "invite": invite["id"], "accept": accept});
        let path = format!("/invites/{}/{}", text(&invite, "id"), if accept { "accept" } else { "reject" });
        let (answer, live) = self.act(who, &Deed { command, method: "POST", path, body: json!({}) });
        if !accept {
            self.invited.remove(&(session, inviter, who));
            return None;
        }
        self.invited.retain(|(one, _, invited)| !(*one == session && *invited == who));
        let name = self.name(who);
        self.sessions.get_mut(&session).unwrap().enters(who, "member", &name);
        if live {
            self.clients[who].memory.shown(&answer["session"]);
        }
        Some(session)
    }

    // Managing

    pub fn set_role(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, role| truth.kind != Kind::Direct && role == "owner")?;
        let others: Vec<usize> = self.sessions[&session].members.keys().copied().filter(|one| *one != who).collect();
        let other = self.one_of(&others)?;
        let role = ["member", "admin", "admin", "owner"][self.random.place(4)];
        let name = self.name(other);
        let command = json!({"type": "role", "session": session, "username": name, "role": role});
        let path = format!("/sessions/{session}/members/{name}");
        let answer = self.act(who, &Deed { command, method: "PUT", path, body: json!({"role": role}) });
        let own = self.name(who);
        let members = &mut self.sessions.get_mut(&session).unwrap().members;
        members.insert(other, role);
        if role == "owner" {
            members.insert(who, "admin");
        }
        self.own(who, &session, &answer, |held, rev| {
            held.members.set(&name, Some(role), rev);
            if role == "owner" {
                held.members.set(&own, Some("admin"), rev);
            }
        });
        self.questions_end(&session);
        Some(session)
    }

    pub fn retitle(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, role| truth.kind != Kind::Lobby && role != "member")?;
        let name = if self.sessions[&session].kind == Kind::Group { "group" } else { "room" };
        let title = match self.random.once_in(4) {
            true => self.sessions[&session].title.clone(),
            false => {
                self.keys += 1;
                format!("{name} {}", self.keys)
            }
        };
        let command = json!({"type": "title", "session": session, "title": title});
        let path = format!("/sessions/{session}");
        let answer = self.act(who, &Deed { command, method: "PATCH", path, body: json!({"title": title}) });
        let truth = self.sessions.get_mut(&session).unwrap();
        if truth.title != title {
            truth.title.clone_from(&title);
            truth.notice(who, &format!("The {name} is now called {title}"));
        }
        self.own(who, &session, &answer, |held, _| held.title = title);
        Some(session)
    }

    pub fn new_code(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, role| truth.kind == Kind::Room && role == "owner")?;
        let path = format!("/sessions/{session}/code");
        let (answer, _) = self.act(who, &Deed { command: Value::Null, method: "POST", path, body: json!({}) });
        let code = text(&answer["session"], "code").to_owned();
        assert_ne!(
            self.sessions.get_mut(&session).unwrap().code.replace(code),
            answer["session"]["code"].as_str().map(str::to_owned)
        );
        Some(session)
    }

    // Going

    pub fn remove(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, role| truth.kind != Kind::Lobby && role != "member")?;
        let members = &self.sessions[&session].members;
        let may = |role: &str| members[&who] == "owner" || role == "member";
        let others: Vec<usize> =
            members.iter().filter(|(one, role)| **one != who && may(role)).map(|(one, _)| *one).collect();
        let other = self.one_of(&others)?;
        let name = self.name(other);
        let command = json!({"type": "remove", "session": session, "username": name});
        let path = format!("/sessions/{session}/members/{name}");
        let answer = self.act(who, &Deed { command, method: "DELETE", path, body: json!({}) });
        let truth = self.sessions.get_mut(&session).unwrap();
        truth.members.remove(&other);
        truth.notice(who, &format!("{name} was removed"));
        self.own(who, &session, &answer, |held, rev| held.members.set(&name, None, rev));
        self.questions_end(&session);
        Some(session)
    }

    pub fn leave(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, _| [Kind::Group, Kind::Room].contains(&truth.kind))?;
        let heirs = self.heirs(&session, who);
        let command = json!({"type": "leave", "session": session});
        let path = format!("/sessions/{session}/members/{}", self.name(who));
        let (_, live) = self.act(who, &Deed { command, method: "DELETE", path, body: json!({}) });
        if live {
            self.clients[who].memory.forget(&session);
        }
        let content = format!("{} left", self.name(who));
        self.sessions.get_mut(&session).unwrap().notice(who, &content);
        self.has_left(&session, who, &heirs);
        Some(session)
    }

    /// The owner ends it for all.
    pub fn end(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|_, role| role == "owner")?;
        let path = format!("/sessions/{session}");
        self.act(who, &Deed { command: Value::Null, method: "DELETE", path, body: json!({}) });
        self.sessions.remove(&session);
        self.invited.retain(|(one, ..)| *one != session);
        None
    }

    /// Who may own it next, should this one go: the longest-standing admins, else members.
    pub fn heirs(&self, session: &str, who: usize) -> Vec<usize> {
        let truth = &self.sessions[session];
        let page = self.clients[who].person.http.get(&format!("/sessions/{session}/members?limit=200")).ok();
        let others: Vec<(usize, &str, &str)> = list(&page, "members")
            .iter()
            .filter_map(|one| {
                let name = text(&one["user"], "username");
                let other = truth.members.keys().find(|other| self.clients[**other].person.username == name)?;
                (*other != who).then(|| (*other, text(one, "role"), text(one, "joined_at")))
            })
            .collect();
        let role = if others.iter().any(|(_, role, _)| *role == "admin") { "admin" } else { "member" };
        let first = others.iter().filter(|one| one.1 == role).map(|one| one.2).min();
        others.iter().filter(|one| one.1 == role && Some(one.2) == first).map(|one| one.0).collect()
    }

    /// A user is out of it; an owner has an heir; a group without members has ended.
    pub fn has_left(&mut self, session: &str, who: usize, heirs: &[usize]) {
        let truth = self.sessions.get_mut(session).unwrap();
        let role = truth.members.remove(&who).unwrap();
        if let (true, Some((other, _))) = (role == "owner", truth.members.first_key_value()) {
            let now = roles(&self.clients[*other].person, session);
            let owners: Vec<&String> = now.iter().filter(|(_, role)| *role == "owner").map(|(name, _)| name).collect();
            let heir = heirs.iter().find(|heir| owners == [&self.clients[**heir].person.username]);
            let heir = heir.unwrap_or_else(|| panic!("{owners:?} follow {who}, not one of {heirs:?}"));
            truth.members.insert(*heir, "owner");
        }
        if truth.kind == Kind::Group && truth.members.is_empty() {
            self.sessions.remove(session);
        }
        self.questions_end(session);
    }

    /// An invite ends when its sender may no longer invite.
    fn questions_end(&mut self, session: &str) {
        let members = self.sessions.get(session).map(|truth| &truth.members);
        self.invited.retain(|(one, inviter, _)| {
            one != session || members.is_some_and(|all| all.get(inviter).is_some_and(|role| *role != "member"))
        });
    }
}
