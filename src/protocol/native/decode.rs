//! Frames of the client.
//!
//! Every frame is read in one pass into the fields that any command may have; only a frame that is wrong is read again, to
//! say which field is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::words::Say;
use crate::config::Limits;
use crate::domain::{
    Amendment, Asked, Claim, Command, Draft, Emoji, Key, Mark, NewSession, Refusal, RequestId, Role, SessionId, Target,
    Text, Title, is_label, malformed,
};

/// Sessions that one `sync` may name.
const SYNC_UP_TO: usize = 500;

/// A frame that is no command, and whose it was as far as it says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The client's own name for it.
    pub reference: Option<RequestId>,
    /// Always `invalid_request` or `too_large`.
    pub refusal: Refusal,
}

/// The fields that commands have, as they are read and as they are documented.
#[derive(Deserialize, ToSchema)]
pub(super) struct Fields<'a> {
    #[serde(borrow)]
    r#type: Option<Cow<'a, str>>,
    /// My own name for this command; comes back on its answer.
    #[schema(min_length = 1, max_length = 64)]
    id: Option<String>,
    /// What a login gave.
    token: Option<String>,
    /// A session's id.
    #[serde(borrow)]
    session: Option<Cow<'a, str>>,
    /// A username: the direct session with them, opened where they let me.
    to: Option<String>,
    /// Not only spaces, no control characters but tab and newline; at most `limits.text_bytes`.
    #[schema(min_length = 1)]
    text: Option<String>,
    /// Chosen by the client: said again with the same key, it is done once.
    #[schema(min_length = 1, max_length = 64)]
    key: Option<String>,
    /// The `seq` of the message it answers.
    reply_to: Option<i64>,
    /// A message's number.
    seq: Option<i64>,
    /// Sessions by id, at most 500, with the `rev` that I hold of each.
    sessions: Option<BTreeMap<String, i64>>,
    /// The epoch that those are from; not checked without it.
    epoch: Option<String>,
    /// Only below this `seq`: the newest of them.
    before: Option<i64>,
    /// Only above this `seq`: the oldest of them.
    after: Option<i64>,
    /// How many, 1 to 200; 50 without it.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// What `next` of the last page said.
    cursor: Option<String>,
    /// `in`: those that await my answer, also without it; `out`: those I made.
    direction: Option<String>,
    /// Whose name, in any case.
    username: Option<String>,
    /// An invite's id.
    #[serde(borrow)]
    invite: Option<Cow<'a, str>>,
    /// Yes or no.
    accept: Option<bool>,
    /// One emoji.
    #[serde(borrow)]
    emoji: Option<Cow<'a, str>>,
    /// More, or one less.
    on: Option<bool>,
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    /// Who is to be in it. Those who accept anyone are members at once, the others are invited.
    usernames: Option<Vec<String>>,
    /// `true`: a room is meant.
    room: Option<bool>,
    /// It stays when nobody is there.
    keep: Option<bool>,
    /// A room's code; case, spaces and hyphens do not matter.
    code: Option<String>,
    /// Which; `owner` hands over.
    #[serde(borrow)]
    role: Option<Cow<'a, str>>,
    /// The words to look for.
    query: Option<String>,
}

/// The command of a frame, and the client's own name for it.
///
/// # Errors
/// What is wrong with the frame.
pub(super) fn decode(frame: &str, limits: &Limits) -> Result<(Option<RequestId>, Command), Malformed> {
    let nameless = |refusal| Malformed { reference: None, refusal };
    // An array would pass for an object whose fields stand in order.
    if !frame.trim_start().starts_with('{') {
        return Err(nameless(Refusal::invalid("a frame must be a JSON object")));
    }
    let mut fields: Fields<'_> = match serde_json::from_str(frame) {
        Ok(fields) => fields,
        Err(_) => return Err(diagnose(frame)),
    };
    let id = fields.id.take();
    if id.as_ref().is_some_and(|id| !is_label(id)) {
        return Err(nameless(Refusal::invalid("`id` must have 1 to 64 characters and no control characters")));
    }
    let reference = id.map(RequestId::Text);
    match command(fields, limits) {
        Ok(command) => Ok((reference, command)),
        Err(refusal) => Err(Malformed { reference, refusal }),
    }
}

/// The command of this name with these fields, where a frame says neither its name nor whose it is. A `type` or `id` among the
/// fields means nothing.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn decode_as(name: &str, fields: &str, limits: &Limits) -> Result<Command, Refusal> {
    if Say::parse(name).is_none() {
        let name: String = name.chars().take(32).collect();
        return Err(Refusal::invalid(format!("unknown command: {name}")));
    }
    if !fields.trim_start().starts_with('{') {
        return Err(Refusal::invalid("the fields of a command must be one object"));
    }
    match serde_json::from_str::<Fields<'_>>(fields) {
        Ok(read) => command(Fields { r#type: Some(Cow::Borrowed(name)), ..read }, limits),
        Err(_) => match without_tags(fields) {
            Some(fields) => decode_as(name, &fields, limits),
            None => Err(diagnose(fields).refusal),
        },
    }
}

/// The object without `type` and `id`; `None` where it has neither.
fn without_tags(fields: &str) -> Option<String> {
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(fields).ok()?;
    let tags = [fields.remove("type"), fields.remove("id")];
    tags.iter().any(Option::is_some).then(|| serde_json::Value::from(fields).to_string())
}

fn diagnose(frame: &str) -> Malformed {
    let mut reader = serde_json::Deserializer::from_str(frame);
    let refusal = match serde_path_to_error::deserialize::<_, Fields<'_>>(&mut reader) {
        Err(error) if error.inner().is_data() => {
            malformed("the frame", &error.path().to_string(), &error.inner().to_string())
        }
        Err(_) => Refusal::invalid("the frame is not valid JSON"),
        Ok(_) => Refusal::invalid("the frame must be one JSON object, and nothing behind it"),
    };
    let reference = serde_json::from_str::<serde_json::Value>(frame)
        .ok()
        .and_then(|value| value.get("id")?.as_str().map(str::to_owned))
        .filter(|id| is_label(id))
        .map(RequestId::Text);
    Malformed { reference, refusal }
}

fn command(fields: Fields<'_>, limits: &Limits) -> Result<Command, Refusal> {
    let Some(kind) = fields.r#type.as_deref() else {
        return Err(missing("type"));
    };
    let Some(kind) = Say::parse(kind) else {
        let other: String = kind.chars().take(32).collect();
        return Err(Refusal::invalid(format!("unknown `type`: {other}")));
    };
    // An id that cannot be one names nothing; it is answered like any session one is not in.
    let session =
        |given: Option<Cow<'_, str>>| given.map(|id| id.parse::<SessionId>().ok()).ok_or_else(|| missing("session"));
    let seq = |given: Option<i64>| given.ok_or_else(|| missing("seq"));
    let username = |given: Option<String>| given.ok_or_else(|| missing("username"));
    let body = |given: Option<String>| Text::parse(given.ok_or_else(|| missing("text"))?, limits.text_bytes);
    Ok(match kind {
        Say::Hello => Command::Hello(fields.token.map(Claim)),
        Say::Send => {
            let target = match (fields.session, fields.to) {
                (Some(id), None) => Target::Session(id.parse().ok()),
                (None, Some(name)) => Target::User(name),
                (None, None) => return Err(missing("session")),
                (Some(_), Some(_)) => return Err(Refusal::invalid("give `session` or `to`, not both")),
            };
            let text = body(fields.text)?;
            let key = fields.key.map(Key::parse).transpose()?;
            Command::Send(Draft { target, text, key, reply_to: fields.reply_to })
        }
        Say::Edit => {
            let amendment = Amendment::Edit(body(fields.text)?);
            Command::Amend { session: session(fields.session)?, seq: seq(fields.seq)?, amendment }
        }
        Say::Delete => {
            let amendment = Amendment::Delete;
            Command::Amend { session: session(fields.session)?, seq: seq(fields.seq)?, amendment }
        }
        Say::React => {
            let emoji = Emoji::parse(&fields.emoji.ok_or_else(|| missing("emoji"))?, limits.emoji_bytes)?;
            let amendment = Amendment::React { emoji, on: fields.on.ok_or_else(|| missing("on"))? };
            Command::Amend { session: session(fields.session)?, seq: seq(fields.seq)?, amendment }
        }
        Say::Read => Command::Mark(session(fields.session)?, Mark::Read(seq(fields.seq)?)),
        Say::Received => Command::Mark(session(fields.session)?, Mark::Received(seq(fields.seq)?)),
        Say::Typing => Command::Typing(session(fields.session)?),
        Say::Sync => {
            let sessions = fields.sessions.ok_or_else(|| missing("sessions"))?;
            if sessions.len() > SYNC_UP_TO {
                return Err(Refusal::invalid(format!("`sessions` may name at most {SYNC_UP_TO} sessions")));
            }
            Command::Sync { sessions, epoch: fields.epoch }
        }
        Say::History => Command::History {
            session: session(fields.session)?,
            before: fields.before,
            after: fields.after,
            limit: fields.limit,
        },
        Say::Sessions => Command::Sessions { cursor: fields.cursor },
        Say::Invites => Command::Invites { direction: fields.direction, cursor: fields.cursor },
        Say::Members => Command::Members { session: session(fields.session)?, cursor: fields.cursor },
        Say::Search => Command::Search {
            query: fields.query.ok_or_else(|| missing("query"))?,
            session: fields.session.map(|id| id.parse().ok()),
            cursor: fields.cursor,
        },
        Say::Invite => {
            Command::Invite { username: username(fields.username)?, session: fields.session.map(|id| id.parse().ok()) }
        }
        Say::Answer => {
            let invite = match (fields.invite, fields.username) {
                (Some(id), None) => Asked::Invite(id.parse().ok()),
                (None, Some(name)) => Asked::By(name),
                (None, None) => return Err(missing("invite")),
                (Some(_), Some(_)) => return Err(Refusal::invalid("give `invite` or `username`, not both")),
            };
            Command::Answer { invite, accept: fields.accept.ok_or_else(|| missing("accept"))? }
        }
        Say::Open => Command::Open(opening(fields)?),
        Say::Join => Command::Join { code: fields.code.ok_or_else(|| missing("code"))? },
        Say::Leave => Command::Leave(session(fields.session)?),
        Say::Remove => Command::Remove { session: session(fields.session)?, username: username(fields.username)? },
        Say::Role => Command::SetRole {
            session: session(fields.session)?,
            username: username(fields.username)?,
            role: role(&fields.role.ok_or_else(|| missing("role"))?)?,
        },
        Say::Title => {
            let title = Title::parse("title", &fields.title.ok_or_else(|| missing("title"))?)?;
            Command::Retitle { session: session(fields.session)?, title }
        }
        Say::Ping => Command::Ping,
        Say::Goodbye => Command::Goodbye,
    })
}

/// What is to be made: a room where it says so, a group where it names several, a direct session otherwise.
fn opening(fields: Fields<'_>) -> Result<NewSession, Refusal> {
    let title = fields.title.map(|title| Title::parse("title", &title)).transpose()?;
    let key = fields.key.map(Key::parse).transpose()?;
    Ok(match (fields.room, fields.usernames, fields.username) {
        (Some(true), None, None) => NewSession::Room { title, keep: fields.keep.unwrap_or_default(), key },
        (None | Some(false), Some(usernames), None) => {
            NewSession::Group { title: title.ok_or_else(|| missing("title"))?, usernames, key }
        }
        (None | Some(false), None, Some(username)) => NewSession::Direct { username },
        (None | Some(false), None, None) if title.is_some() => return Err(missing("usernames")),
        (None | Some(false), None, None) => return Err(missing("username")),
        _ => return Err(Refusal::invalid("give one of `username`, `usernames` and `room`")),
    })
}

/// A role by its name. Read by hand: of a number in its place serde would say that the frame is no JSON.
fn role(name: &str) -> Result<Role, Refusal> {
    match name {
        "owner" => Ok(Role::Owner),
        "admin" => Ok(Role::Admin),
        "member" => Ok(Role::Member),
        _ => Err(Refusal::invalid("`role` must be `owner`, `admin` or `member`")),
    }
}

fn missing(field: &str) -> Refusal {
    Refusal::invalid(format!("`{field}` is missing"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits() -> Limits {
        use clap::Parser;
        crate::config::Config::parse_from(["parlor"]).limits
    }

    fn refusal(frame: &str) -> (Option<RequestId>, String) {
        let malformed = decode(frame, &limits()).unwrap_err();
        (malformed.reference, malformed.refusal.to_string())
    }

    #[test]
    fn a_send_is_read() {
        let frame = r#" {"type":"send","id":"7","session":"0000000000001","text":"h\u00ee","key":"k","reply_to":3}"#;
        let (reference, command) = decode(frame, &limits()).unwrap();
        assert_eq!(reference, Some(RequestId::Text("7".to_owned())));
        let Command::Send(draft) = command else { panic!("{command:?}") };
        assert_eq!(draft.target, Target::Session(Some(SessionId(1))));
        assert_eq!((draft.text.as_str(), draft.reply_to), ("hî", Some(3)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refusal("[]").1, "a frame must be a JSON object");
        assert_eq!(refusal(r#"{"id":"1"}"#), (Some(RequestId::Text("1".to_owned())), "`type` is missing".into()));
        let (id, why) = refusal(r#"{"type":"send","id":"2","session":"x","text":5}"#);
        assert_eq!(id, Some(RequestId::Text("2".to_owned())));
        assert_eq!(why, "`text` must be a string");
        assert!(refusal(r#"{"type":"send","text":"\ud800","session":"x"}"#).1.ends_with("is not valid JSON"));
        assert!(refusal(&format!("{{\"x\":{}", "[".repeat(100_000))).1.ends_with("is not valid JSON"));
        assert!(refusal(r#"{"type":"nonsense"}"#).1.ends_with("nonsense"));
    }

    #[test]
    fn an_id_that_is_none_names_nothing() {
        let (_, command) = decode(r#"{"type":"typing","session":"nonsense"}"#, &limits()).unwrap();
        assert_eq!(command, Command::Typing(None));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_decoder_panic(frame in ".*") {
            let _ = decode(&frame, &limits());
        }

        #[test]
        fn no_object_makes_the_decoder_panic(
            fields in proptest::collection::vec(("(type|id|session|text|seq|sessions|key|x)", "[\\[\\]{}\",:0-9a-z]{0,12}"), 0..6),
        ) {
            let body: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            let _ = decode(&format!("{{{}}}", body.join(",")), &limits());
        }
    }
}
