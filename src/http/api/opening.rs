//! A new session: with one other user, a group or a room.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ApiResult;
use super::body::JsonBody;
use super::caller::Caller;
use crate::domain::reply::SessionAnswer;
use crate::domain::{self, Key, Refusal, Title};

/// A session to make.
#[derive(ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[schema(as = NewSession)]
#[expect(dead_code, reason = "documents `NewSessionFields`")]
pub(super) enum SessionRequest {
    /// With one other user; the one that there is, or a new one.
    #[schema(title = "Direct")]
    Direct {
        /// The other user's name, in any case.
        username: String,
    },
    /// By invitation.
    #[schema(title = "Group")]
    Group {
        /// What to call it: 1 to 100 characters.
        #[schema(min_length = 1, max_length = 100)]
        title: String,
        /// Users who accept anyone become members at once, the others are invited.
        usernames: Vec<String>,
        /// Chosen by the client: a repeated request with the same key returns the first group.
        #[schema(min_length = 1, max_length = 64)]
        key: Option<String>,
    },
    /// Joined by code.
    #[schema(title = "Room")]
    Room {
        /// What to call it, 1 to 100 characters; `Room` without it.
        #[schema(min_length = 1, max_length = 100)]
        title: Option<String>,
        /// Keeps the room while it is empty; without it the room is deleted with its history after some time without connections.
        keep: Option<bool>,
        /// Chosen by the client: a repeated request with the same key returns the first room.
        #[schema(min_length = 1, max_length = 64)]
        key: Option<String>,
    },
}

/// The fields of a [`SessionRequest`], flat: errors in a tagged enum would not name the field.
#[derive(Deserialize)]
pub(super) struct NewSessionFields {
    kind: NewSessionKind,
    username: Option<String>,
    title: Option<String>,
    usernames: Option<Vec<String>>,
    keep: Option<bool>,
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum NewSessionKind {
    Direct,
    Group,
    Room,
}

impl NewSessionFields {
    fn parse(self) -> Result<domain::NewSession, Refusal> {
        let missing = |field: &str| Refusal::invalid(format!("`{field}` is missing"));
        let Self { kind, username, title, usernames, keep, key } = self;
        let title_of = |title: &String| Title::parse("title", title);
        let key = || key.map(Key::parse).transpose();
        Ok(match kind {
            NewSessionKind::Direct => {
                domain::NewSession::Direct { username: username.ok_or_else(|| missing("username"))? }
            }
            NewSessionKind::Group => {
                let title = title.ok_or_else(|| missing("title"))?;
                let usernames = usernames.ok_or_else(|| missing("usernames"))?;
                domain::NewSession::Group { title: title_of(&title)?, usernames, key: key()? }
            }
            NewSessionKind::Room => domain::NewSession::Room {
                title: title.as_ref().map(title_of).transpose()?,
                keep: keep.unwrap_or_default(),
                key: key()?,
            },
        })
    }
}

/// Makes a group or a room, or opens the direct session with a user.
#[utoipa::path(
    post, path = "/sessions", request_body = SessionRequest,
    responses(
        (status = 200, description = "The session, new or not; a room with its code.", body = SessionAnswer<'static>),
        (status = 403, description = "`invite_required`: that user accepts only the invited; `blocked`: by me."),
        (status = 404, description = "`unknown_user`, naming who is not: nothing was made."),
        (status = 409, description = "`limit_reached`: too many people for one group, or too many invites that await an answer."),
        (status = 429, description = "`rate_limited`, or `too_many_attempts`: too many unknown names."),
    )
)]
pub(super) async fn open_session(
    caller: Caller,
    body: JsonBody<NewSessionFields>,
) -> ApiResult<SessionAnswer<'static>> {
    let new = body.read().await?.parse()?;
    let session = caller.services.sessions.create(caller.admit()?, new, caller.address, None).await?;
    Ok(web::Json(session.into()))
}

#[cfg(test)]
mod tests {
    use super::super::body::parse;
    use super::*;

    fn read(body: &str) -> Result<domain::NewSession, Refusal> {
        parse::<NewSessionFields>(body.as_bytes()).and_then(NewSessionFields::parse)
    }

    #[test]
    fn each_kind_takes_its_own_fields() {
        assert_eq!(
            read(r#"{"kind":"direct","username":"avi","other":[]}"#),
            Ok(domain::NewSession::Direct { username: "avi".to_owned() })
        );
        let group = read(r#"{"kind":"group","title":" Us ","usernames":[]}"#);
        assert!(matches!(group, Ok(domain::NewSession::Group { title, key: None, .. }) if title.as_str() == "Us"));
        let room = read(r#"{"kind":"room"}"#);
        assert_eq!(room, Ok(domain::NewSession::Room { title: None, keep: false, key: None }));
        let room = read(r#"{"kind":"room","title":null,"keep":true,"key":"k"}"#);
        assert!(matches!(room, Ok(domain::NewSession::Room { keep: true, key: Some(_), .. })));
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (body, field) in [
            ("{}", "kind"),
            (r#"{"kind":"lobby"}"#, "kind"),
            (r#"{"kind":7}"#, "kind"),
            (r#"{"kind":"direct"}"#, "username"),
            (r#"{"kind":"direct","username":7}"#, "username"),
            (r#"{"kind":"group","usernames":[]}"#, "title"),
            (r#"{"kind":"group","title":"","usernames":[]}"#, "title"),
            (r#"{"kind":"group","title":"a"}"#, "usernames"),
            (r#"{"kind":"group","title":"a","usernames":"avi"}"#, "usernames"),
            (r#"{"kind":"group","title":"a","usernames":["avi",7]}"#, "usernames[1]"),
            (r#"{"kind":"room","keep":"yes"}"#, "keep"),
            (r#"{"kind":"room","key":""}"#, "key"),
            (r#"{"kind":"room","title":7}"#, "title"),
        ] {
            let Err(Refusal::Invalid(detail)) = read(body) else { panic!("{body} passes") };
            assert!(detail.contains(&format!("`{field}`")), "{body}: {detail}");
        }
    }
}
