//! Finding the few fields that matter in JSON, a frame's or an event's, without parsing it. A name in quotes with a colon behind cannot
//! occur inside a JSON string (its quotes would be escaped), so a search for the bytes is safe; and as frames of one
//! kind have one layout, each field is looked for first where it was the last time.

/// A field, and where it was found last.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Quotes and colon included; for a string also the quote that opens it.
    name: &'static [u8],
    last: usize,
}

impl Field {
    pub const fn new(name: &'static [u8]) -> Self {
        Self { name, last: 0 }
    }

    /// The bytes from the field's value on; `None` where there is no such field.
    pub fn value<'a>(&mut self, json: &'a [u8]) -> Option<&'a [u8]> {
        if let Some(value) = json.get(self.last..).and_then(|from| from.strip_prefix(self.name)) {
            return Some(value);
        }
        self.last = json.windows(self.name.len()).position(|window| window == self.name)?;
        json.get(self.last + self.name.len()..)
    }

    pub fn number(&mut self, json: &[u8]) -> Option<u64> {
        self.value(json).and_then(number)
    }

    /// The field's value as a string without escapes.
    pub fn text<'a>(&mut self, json: &'a [u8]) -> Option<&'a [u8]> {
        self.value(json)?.split(|byte| *byte == b'"').next()
    }
}

/// The number that the bytes begin with; `None` without a digit.
pub fn number(bytes: &[u8]) -> Option<u64> {
    let mut digits = bytes.iter().map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit < 10).map(u64::from);
    let first = digits.next()?;
    Some(digits.fold(first, |number, digit| number.wrapping_mul(10).wrapping_add(digit)))
}

#[derive(Clone, Debug)]
pub struct Layout {
    pub session: Field,
    pub seq: Field,
    pub text: Field,
}

impl Default for Layout {
    fn default() -> Self {
        Self { session: Field::new(b"\"session\":\""), seq: Field::new(b"\"seq\":"), text: Field::new(b"\"text\":\"") }
    }
}
