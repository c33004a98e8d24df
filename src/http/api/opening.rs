//! A new session: with one other user, a group or a room.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use crate::domain::reply::SessionAnswer;
use crate::domain::{self, Key, Refusal, Title};
use crate::edge::problem::Problem;
use crate::service::Services;

/// A session to make.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", try_from = "Fields")]
pub(super) enum NewSession {
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
        /// Who is to be in it. Those who accept anyone are members at once, the others are invited.
        usernames: Vec<String>,
        /// Chosen by the client: asked again with the same key, the group is the first one.
        #[schema(min_length = 1, max_length = 64)]
        key: Option<String>,
    },
    /// Joined by code.
    #[schema(title = "Room")]
    Room {
        /// What to call it, 1 to 100 characters; `Room` without it.
        #[schema(min_length = 1, max_length = 100)]
        title: Option<String>,
        /// It stays when nobody is there; without it the room is deleted, history and all, once nobody has been for a while.
        keep: Option<bool>,
        /// Chosen by the client: asked again with the same key, the room is the first one.
        #[schema(min_length = 1, max_length = 64)]
        key: Option<String>,
    },
}

/// All of them flat. Read as an enum with a tag, what is wrong could not be named.
#[derive(Deserialize)]
struct Fields {
    kind: Kind,
    username: Option<String>,
    title: Option<String>,
    usernames: Option<Vec<String>>,
    keep: Option<bool>,
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Direct,
    Group,
    Room,
}

impl TryFrom<Fields> for NewSession {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let missing = |field: &str| format!("missing field `{field}`");
        let Fields { kind, username, title, usernames, keep, key } = fields;
        Ok(match kind {
            Kind::Direct => Self::Direct { username: username.ok_or_else(|| missing("username"))? },
            Kind::Group => Self::Group {
                title: title.ok_or_else(|| missing("title"))?,
                usernames: usernames.ok_or_else(|| missing("usernames"))?,
                key,
            },
            Kind::Room => Self::Room { title, keep, key },
        })
    }
}

impl NewSession {
    fn parse(self) -> Result<domain::NewSession, Refusal> {
        let called = |title: String| Title::parse("title", &title);
        let key = |key: Option<String>| key.map(Key::parse).transpose();
        Ok(match self {
            Self::Direct { username } => domain::NewSession::Direct { username },
            Self::Group { title, usernames, key: given } => {
                domain::NewSession::Group { title: called(title)?, usernames, key: key(given)? }
            }
            Self::Room { title, keep, key: given } => domain::NewSession::Room {
                title: title.map(called).transpose()?,
                keep: keep.unwrap_or_default(),
                key: key(given)?,
            },
        })
    }
}

/// Makes a group or a room, or opens the direct session with a user.
#[utoipa::path(
    post, path = "/sessions", request_body = NewSession,
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
    services: web::Data<Services>,
    body: Body<NewSession>,
) -> Result<web::Json<SessionAnswer<'static>>, Problem> {
    let new = body.read().await?.parse()?;
    let session = services.sessions.make(&caller.identity, new, caller.address, None).await?;
    Ok(web::Json(session.into()))
}

#[cfg(test)]
mod tests {
    use super::super::body::parse;
    use super::*;

    fn read(body: &str) -> Result<domain::NewSession, Refusal> {
        parse::<NewSession>(body.as_bytes()).and_then(NewSession::parse)
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
    fn what_is_wrong_is_named() {
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
