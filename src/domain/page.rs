//! Pagination: how many rows a page has, and where the next one begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Refusal;

const DEFAULT: i64 = 50;
const MOST: i64 = 200;

/// The sort keys, both descending, of the last row of a page. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub at: i64,
    pub id: i64,
}

impl Cursor {
    /// Before the first row.
    pub(crate) const START: Self = Self { at: i64::MAX, id: i64::MAX };

    fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let both = i128::from_be_bytes(bytes);
        Some(Self { at: i64::try_from(both >> 64).ok()?, id: i64::try_from(both & i128::from(u64::MAX)).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let both = (i128::from(self.at) << 64) | i128::from(self.id);
        f.write_str(&URL_SAFE_NO_PAD.encode(both.to_be_bytes()))
    }
}

/// A request for a page of rows, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub after: Cursor,
    pub limit: i64,
}

impl Page {
    /// # Errors
    /// `invalid_request` for a limit outside 1–200 or a cursor that no list gave.
    pub(crate) fn parse(limit: Option<i64>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let after = match cursor {
            Some(cursor) => Cursor::parse(cursor)
                .ok_or_else(|| Refusal::invalid("`cursor` must be the `next` of the previous page"))?,
            None => Cursor::START,
        };
        Ok(Self { after, limit: Self::limit(limit)? })
    }

    /// The requested number of rows, or the default.
    ///
    /// # Errors
    /// `invalid_request` outside 1–200.
    pub(crate) fn limit(limit: Option<i64>) -> Result<i64, Refusal> {
        match limit.unwrap_or(DEFAULT) {
            limit @ 1..=MOST => Ok(limit),
            _ => Err(Refusal::invalid("`limit` must be from 1 to 200")),
        }
    }

    pub(crate) const fn first(limit: i64) -> Self {
        Self { after: Cursor::START, limit }
    }

    /// Drops the row that was read beyond the page. Returns the cursor of the next page if there was one.
    pub(crate) fn close<T>(&self, rows: &mut Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or_default();
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(|last| cursor(last).to_string())
    }
}

/// A request for a page of rows ordered by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamePage {
    /// `None` for the first page. Without control characters, which no name has and not every database accepts.
    pub after: Option<String>,
    pub limit: i64,
}

impl NamePage {
    /// # Errors
    /// `invalid_request` for a limit outside 1–200 or a cursor that no list gave.
    pub(crate) fn parse(limit: Option<i64>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let last = |cursor: &str| {
            let name = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|name| String::from_utf8(name).ok());
            let name = name.filter(|name| !name.contains(char::is_control));
            name.ok_or_else(|| Refusal::invalid("`cursor` must be the `next` of the previous page"))
        };
        let after = cursor.map(last).transpose()?;
        Ok(Self { after, limit: Page::limit(limit)? })
    }

    /// The cursor of the page after the one that ends with this name.
    pub(crate) fn cursor(last: Option<String>) -> Option<String> {
        last.map(|name| URL_SAFE_NO_PAD.encode(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_formatting_and_parsing() {
        for cursor in [Cursor { at: 0, id: 0 }, Cursor { at: 1_700_000_000_000, id: i64::MAX }, Cursor::START] {
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for bad in ["", "x", "////", "AAAA"] {
            assert_eq!(Cursor::parse(bad), None);
        }
    }

    #[test]
    fn name_cursors_survive_formatting_and_parsing() {
        let cursor = NamePage::cursor(Some("avi-0.x".to_owned()));
        let page = NamePage { after: Some("avi-0.x".to_owned()), limit: 50 };
        assert_eq!(NamePage::parse(None, cursor.as_deref()), Ok(page));
        for bad in ["!", "a\0vi", "\0"] {
            assert!(NamePage::parse(None, Some(bad)).is_err());
            assert!(NamePage::parse(None, NamePage::cursor(Some(format!("{bad}\n"))).as_deref()).is_err(), "{bad:?}");
        }
    }
}
