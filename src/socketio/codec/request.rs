//! The query string of an Engine.IO request, and the errors of such requests.

use super::engine::Revision;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportName {
    /// GET to receive, POST to send.
    Polling,
    WebSocket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    /// GET with an upgrade to a WebSocket.
    Upgrade,
    Post,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub revision: Revision,
    pub transport: TransportName,
    /// `None`: the request opens a session.
    pub sid: Option<String>,
    /// The client cannot receive binary data. Read when a session is opened.
    pub base64: bool,
}

/// Why a request is refused. Codes and messages are those of the reference implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestError {
    UnknownTransport,
    UnknownSid,
    /// Only GET opens a session.
    HandshakeMethod,
    /// Not allowed in the current state of the session.
    BadRequest,
    /// Wrong origin or credentials.
    Forbidden,
    UnknownRevision,
    TooLarge,
}

impl RequestError {
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::TooLarge => 413,
            _ => 400,
        }
    }

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
    /// Parses a query string. Unknown parameters are ignored, `t` among them.
    pub(crate) fn parse(method: Method, query: &str) -> Result<Self, RequestError> {
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
            _ => return Err(RequestError::UnknownTransport),
        };
        let revision = match revision.as_deref() {
            Some("3") => Revision::Three,
            Some("4") => Revision::Four,
            _ => return Err(RequestError::UnknownRevision),
        };
        match (method, transport) {
            (Method::Upgrade, TransportName::WebSocket) | (Method::Get, TransportName::Polling) => {}
            (Method::Post, TransportName::Polling) if sid.is_some() => {}
            (Method::Post | Method::Other, _) if sid.is_none() => return Err(RequestError::HandshakeMethod),
            _ => return Err(RequestError::BadRequest),
        }
        Ok(Self { revision, transport, sid, base64 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_are_parsed_or_refused_as_by_the_reference_implementation() {
        let parsed = |revision, transport, sid: Option<&str>, base64| {
            Ok(Request { revision, transport, sid: sid.map(str::to_owned), base64 })
        };
        let (three, four) = (Revision::Three, Revision::Four);
        for (method, query, expected) in [
            (Method::Get, "EIO=4&transport=polling&t=N8hyd6w", parsed(four, TransportName::Polling, None, false)),
            (Method::Get, "EIO=3&transport=polling&b64=1", parsed(three, TransportName::Polling, None, true)),
            (Method::Upgrade, "transport=websocket&EIO=4", parsed(four, TransportName::WebSocket, None, false)),
            (Method::Post, "EIO=4&transport=polling&sid=a", parsed(four, TransportName::Polling, Some("a"), false)),
            (
                Method::Upgrade,
                "EIO=4&transport=websocket&sid=a",
                parsed(four, TransportName::WebSocket, Some("a"), false),
            ),
            (Method::Get, "transport=polling", Err(RequestError::UnknownRevision)),
            (Method::Get, "EIO=abc&transport=polling", Err(RequestError::UnknownRevision)),
            (Method::Upgrade, "EIO=2&transport=websocket", Err(RequestError::UnknownRevision)),
            (Method::Get, "EIO=4", Err(RequestError::UnknownTransport)),
            (Method::Get, "EIO=4&transport=abc", Err(RequestError::UnknownTransport)),
            (Method::Post, "EIO=4&transport=polling", Err(RequestError::HandshakeMethod)),
            (Method::Other, "EIO=4&transport=polling", Err(RequestError::HandshakeMethod)),
            (Method::Other, "EIO=4&transport=polling&sid=a", Err(RequestError::BadRequest)),
            (Method::Get, "EIO=4&transport=websocket", Err(RequestError::BadRequest)),
            (Method::Upgrade, "EIO=4&transport=polling", Err(RequestError::BadRequest)),
        ] {
            assert_eq!(Request::parse(method, query), expected, "{method:?} {query}");
        }
    }

    #[test]
    fn every_error_has_a_client_status_and_a_code() {
        assert_eq!((RequestError::UnknownSid.status(), RequestError::TooLarge.status()), (400, 413));
        assert_eq!(RequestError::Forbidden.status(), 403);
        assert_eq!(RequestError::UnknownSid.body(), r#"{"code":1,"message":"Session ID unknown"}"#);
    }

    proptest! {
        #[test]
        fn no_query_makes_the_parser_panic(query in "\\PC{0,60}") {
            let _ = Request::parse(Method::Get, &query);
        }
    }
}
