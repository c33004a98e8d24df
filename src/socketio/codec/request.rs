//! What the address of an Engine.IO request asks for, and the ways to say no to it.

use super::engine::Revision;

/// How a client is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportName {
    /// GET to hear, POST to say.
    Polling,
    /// A WebSocket.
    WebSocket,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// GET without an upgrade.
    Get,
    /// GET that asks for a WebSocket.
    Upgrade,
    /// POST.
    Post,
    /// Any other.
    Other,
}

/// A request that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Which Engine.IO.
    pub revision: Revision,
    /// How.
    pub transport: TransportName,
    /// The session; `None`: a new one is asked for.
    pub sid: Option<String>,
    /// Bytes must be said as base64. Counts where the session begins.
    pub base64: bool,
}

/// Why a request is refused. The codes and words are those of the published implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Neither polling nor WebSocket.
    UnknownTransport,
    /// No such session, or not any more.
    UnknownSid,
    /// Only GET begins a session.
    HandshakeMethod,
    /// It does not fit the session as it stands.
    BadRequest,
    /// The origin or the credentials are wrong.
    Forbidden,
    /// No such Engine.IO.
    UnknownRevision,
    /// The body is above its limit.
    TooLarge,
}

impl Refused {
    /// The status of the answer.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::TooLarge => 413,
            _ => 400,
        }
    }

    /// The body of the answer, JSON.
    pub(crate) const fn body(self) -> &'static str {
        match self {
            Self::UnknownTransport => r#"{"code":0,"message":"Transport unknown"}"#,
            Self::UnknownSid => r#"{"code":1,"message":"Session ID unknown"}"#,
            Self::HandshakeMethod => r#"{"code":2,"message":"Bad handshake method"}"#,
            Self::BadRequest | Self::TooLarge => r#"{"code":3,"message":"Bad request"}"#,
            Self::Forbidden => r#"{"code":4,"message":"Forbidden"}"#,
            Self::UnknownRevision => r#"{"code":5,"message":"Unsupported protocol version"}"#,
        }
    }
}

impl Request {
    /// Reads what stands behind the `?` of the address. Keys that mean nothing here are passed over, `t` among them.
    ///
    /// # Errors
    /// It asks for nothing that there is.
    pub(crate) fn read(method: Method, query: &str) -> Result<Self, Refused> {
        let (mut revision, mut transport, mut sid, mut base64) = (None, None, None, false);
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "EIO" => revision = Some(value),
                "transport" => transport = Some(value),
                "sid" => sid = Some(value.into_owned()),
                "b64" => base64 = !value.is_empty() && value != "0" && value != "false",
                _ => {}
            }
        }
        let transport = match transport.as_deref() {
            Some("polling") => TransportName::Polling,
            Some("websocket") => TransportName::WebSocket,
            _ => return Err(Refused::UnknownTransport),
        };
        let revision = match revision.as_deref() {
            Some("3") => Revision::Three,
            Some("4") => Revision::Four,
            _ => return Err(Refused::UnknownRevision),
        };
        match (method, transport) {
            (Method::Upgrade, TransportName::WebSocket) | (Method::Get, TransportName::Polling) => {}
            (Method::Post, TransportName::Polling) if sid.is_some() => {}
            (Method::Post | Method::Other, _) if sid.is_none() => return Err(Refused::HandshakeMethod),
            _ => return Err(Refused::BadRequest),
        }
        Ok(Self { revision, transport, sid, base64 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_handshake_asks_for_a_revision_and_a_transport() {
        let asked = |revision, transport, sid: Option<&str>, base64| {
            Ok(Request { revision, transport, sid: sid.map(str::to_owned), base64 })
        };
        let (three, four) = (Revision::Three, Revision::Four);
        for (method, query, expected) in [
            (Method::Get, "EIO=4&transport=polling&t=N8hyd6w", asked(four, TransportName::Polling, None, false)),
            (Method::Get, "EIO=3&transport=polling&b64=1", asked(three, TransportName::Polling, None, true)),
            (Method::Upgrade, "transport=websocket&EIO=4", asked(four, TransportName::WebSocket, None, false)),
            (Method::Post, "EIO=4&transport=polling&sid=a", asked(four, TransportName::Polling, Some("a"), false)),
            (
                Method::Upgrade,
                "EIO=4&transport=websocket&sid=a",
                asked(four, TransportName::WebSocket, Some("a"), false),
            ),
            (Method::Get, "transport=polling", Err(Refused::UnknownRevision)),
            (Method::Get, "EIO=abc&transport=polling", Err(Refused::UnknownRevision)),
            (Method::Upgrade, "EIO=2&transport=websocket", Err(Refused::UnknownRevision)),
            (Method::Get, "EIO=4", Err(Refused::UnknownTransport)),
            (Method::Get, "EIO=4&transport=abc", Err(Refused::UnknownTransport)),
            (Method::Post, "EIO=4&transport=polling", Err(Refused::HandshakeMethod)),
            (Method::Other, "EIO=4&transport=polling", Err(Refused::HandshakeMethod)),
            (Method::Other, "EIO=4&transport=polling&sid=a", Err(Refused::BadRequest)),
            (Method::Get, "EIO=4&transport=websocket", Err(Refused::BadRequest)),
            (Method::Upgrade, "EIO=4&transport=polling", Err(Refused::BadRequest)),
        ] {
            assert_eq!(Request::read(method, query), expected, "{method:?} {query}");
        }
    }

    #[test]
    fn every_no_is_a_client_error_with_a_code() {
        assert_eq!((Refused::UnknownSid.status(), Refused::TooLarge.status()), (400, 413));
        assert_eq!(Refused::Forbidden.status(), 403);
        assert_eq!(Refused::UnknownSid.body(), r#"{"code":1,"message":"Session ID unknown"}"#);
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic(query in "\\PC{0,60}") {
            let _ = Request::read(Method::Get, &query);
        }
    }
}
