//! What is told, in the forms that readers take it in. Each form is made once, by whoever needs it first, and shared.

use std::cell::OnceCell;

use bytes::{Bytes, BytesMut};

use super::frame;
use crate::dialect::native;
use crate::dialect::socketio::vocabulary;
use crate::model::Event;

/// How a connection takes what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The native dialect in WebSocket frames.
    Native,
    /// The native vocabulary in Engine.IO packets, each in a WebSocket frame.
    Framed,
    /// The same packets, bare: they wait for a poll.
    Bare,
}

/// One event, or several of one room behind each other, in every form.
pub struct Said {
    native: Bytes,
    /// `None` within: not said in packets.
    framed: OnceCell<Option<Bytes>>,
}

impl Said {
    /// The event as all its readers are told; `None` where it is not said.
    pub fn of(event: &Event) -> Option<Self> {
        Self::new(|to| native::event(event, to))
    }

    /// What `write` says in the native dialect; `None` where it declines.
    pub fn new(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        frame::text(write).map(|native| Self { native, framed: OnceCell::new() })
    }

    /// It in this form; `None` where it is not said so.
    pub fn to(&self, form: Form) -> Option<Bytes> {
        if form == Form::Native {
            return Some(self.native.clone());
        }
        let json = || frame::payload(&self.native);
        let framed = self.framed.get_or_init(|| frame::text(|to| vocabulary::packet(&json(), to)));
        framed.as_ref().map(|framed| if form == Form::Bare { frame::payload(framed) } else { framed.clone() })
    }
}

/// Several in one piece, for readers whose form can be joined.
pub fn join<'a>(pieces: impl Iterator<Item = &'a Said>, form: Form) -> Bytes {
    let forms: Vec<Bytes> = pieces.filter_map(|piece| piece.to(form)).collect();
    match forms.as_slice() {
        [only] => only.clone(),
        many => {
            let mut whole = BytesMut::with_capacity(many.iter().map(Bytes::len).sum());
            many.iter().for_each(|frame| whole.extend_from_slice(frame));
            whole.freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_says_the_same() {
        let said = Said::new(|to| {
            to.extend_from_slice(br#"{"type":"typing","username":"avi"}"#);
            true
        });
        let said = said.unwrap();
        let bare = said.to(Form::Bare).unwrap();
        assert_eq!(bare, r#"42["typing",{"username":"avi"}]"#);
        assert_eq!(frame::payload(&said.to(Form::Framed).unwrap()), bare);
        let twice = join([&said, &said].into_iter(), Form::Native);
        assert_eq!(twice.len(), 2 * said.to(Form::Native).unwrap().len());
    }
}
