//! Reads the pages of a SQLite file from disk, to find leaf pages whose unused middle is not blank.
//!
//! `secure_delete` blanks deleted rows, but not the copies that remain in the unused part of a page when SQLite moves rows to
//! another. Nothing here writes. A page may be torn by a concurrent checkpoint: every access is checked, and a false positive
//! costs one needless rewrite.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const INTERIOR: u8 = 5;
const LEAF: u8 = 13;
/// No table is deeper.
const DEPTH: usize = 20;
/// Fewer bytes than this are no word.
const NOISE: usize = 4;

pub(super) struct Pages {
    /// Never closed: closing any descriptor of the file would release the locks that SQLite holds on it in this process.
    file: &'static File,
    size: usize,
    /// Without what is reserved at the end of each page.
    usable: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowToRewrite {
    pub row: i64,
    pub payload: usize,
    pub free: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stained {
    Row(RowToRewrite),
    Empty,
}

pub(super) struct Leaf {
    pub stained: Option<Stained>,
    /// The largest rowid that can be on it; `None` on the last leaf.
    pub end: Option<i64>,
}

struct Page {
    bytes: Vec<u8>,
    start: usize,
}

impl Pages {
    /// Opens the database at `path`. To be called once in a process: the file is never closed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file: &'static File = Box::leak(Box::new(File::open(path)?));
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0)?;
        let size = match header.get(16..18) {
            Some(&[0, 1]) => 65_536,
            Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
            _ => 0,
        };
        let reserved = header.get(20).copied().map_or(0, usize::from);
        if size < 512 {
            return Err(io::Error::other("the header of the database names no page size"));
        }
        Ok(Self { file, size, usable: size - reserved })
    }

    /// The first leaf of the table with this root that can have a rowid above `above`; `None` where a page is not valid.
    pub(super) fn leaf(&self, root: u32, above: Option<i64>) -> io::Result<Option<Leaf>> {
        let (mut number, mut end) = (root, None);
        for _ in 0..DEPTH {
            let page = self.page(number)?;
            match page.kind() {
                Some(LEAF) => return Ok(Some(Leaf { stained: page.stained(self.usable), end })),
                Some(INTERIOR) => {
                    let Some((child, below)) = page.child(above) else { return Ok(None) };
                    (number, end) = (child, below.or(end));
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// By how many bytes a value of this `length`, a text or blob, must grow so that its page is used to the last byte, or
    /// nearly.
    pub(super) fn growth(&self, target: &RowToRewrite, length: usize) -> usize {
        let before = self.on_page(target.payload);
        let size = |more: usize| {
            let grown = varint_length(13 + 2 * (length + more)).saturating_sub(varint_length(13 + 2 * length));
            self.on_page(target.payload + more + grown)
        };
        // The rest of a value longer than a page is stored elsewhere, so the part on the page is not monotonic in the length.
        let grows = |more: usize| size(more).checked_sub(before).filter(|more| *more <= target.free);
        (0..target.free + self.usable).max_by_key(|more| (grows(*more), std::cmp::Reverse(*more))).unwrap_or_default()
    }

    /// The bytes that a row takes on its leaf, apart from its rowid.
    fn on_page(&self, payload: usize) -> usize {
        let most = self.usable - 35;
        if payload <= most {
            return varint_length(payload) + payload;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let rest = least + (payload - least) % (self.usable - 4);
        varint_length(payload) + if rest <= most { rest } else { least } + 4
    }

    fn page(&self, number: u32) -> io::Result<Page> {
        let before = u64::from(number.saturating_sub(1));
        let mut bytes = vec![0; self.size];
        let size = u64::try_from(self.size).map_err(io::Error::other)?;
        self.file.read_exact_at(&mut bytes, before * size)?;
        // The first page begins with the header of the file.
        Ok(Page { bytes, start: if number == 1 { 100 } else { 0 } })
    }
}

impl Page {
    fn kind(&self) -> Option<u8> {
        self.bytes.get(self.start).copied()
    }

    fn short(&self, at: usize) -> Option<usize> {
        let two = self.bytes.get(at..)?.first_chunk()?;
        Some(usize::from(u16::from_be_bytes(*two)))
    }

    fn number(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    /// A varint and the offset behind it.
    fn varint(&self, at: usize) -> Option<(u64, usize)> {
        let mut value = 0_u64;
        for place in 0..9 {
            let byte = *self.bytes.get(at + place)?;
            if place == 8 {
                return Some(((value << 8) | u64::from(byte), at + 9));
            }
            value = (value << 7) | u64::from(byte & 0x7f);
            if byte < 0x80 {
                return Some((value, at + place + 1));
            }
        }
        None
    }

    /// The offsets of the cells of a page whose header has so many bytes.
    fn cells(&self, header: usize) -> impl Iterator<Item = usize> {
        let count = self.short(self.start + 3).unwrap_or_default();
        (0..count).map_while(move |cell| self.short(self.start + header + 2 * cell))
    }

    /// The first child of an interior page with rowids above `above`, and its largest rowid.
    fn child(&self, above: Option<i64>) -> Option<(u32, Option<i64>)> {
        for cell in self.cells(12) {
            let (end, _) = self.varint(cell + 4)?;
            let end = end.cast_signed();
            if above.is_none_or(|above| end > above) {
                return Some((self.number(cell)?, Some(end)));
            }
        }
        Some((self.number(self.start + 8)?, None))
    }

    /// The payload's size and the rowid.
    fn cell(&self, at: usize) -> Option<(usize, i64)> {
        let (payload, at) = self.varint(at)?;
        let (row, _) = self.varint(at)?;
        Some((usize::try_from(payload).ok()?, row.cast_signed()))
    }

    /// What to rewrite on a leaf whose unused middle is not blank.
    fn stained(&self, usable: usize) -> Option<Stained> {
        let count = self.short(self.start + 3)?;
        let from = self.start + 8 + 2 * count;
        let to = self.short(self.start + 5).map(|to| if to == 0 { usable } else { to })?;
        let gap = self.bytes.get(from..to)?;
        if gap.iter().filter(|byte| **byte != 0).count() < NOISE {
            return None;
        }
        if count == 0 {
            return Some(Stained::Empty);
        }
        let mut free = gap.len() + usize::from(*self.bytes.get(self.start + 7)?);
        let mut block = self.short(self.start + 1)?;
        while block != 0 {
            free += self.short(block + 2)?;
            let next = self.short(block)?;
            // Free blocks are in ascending order; anything else is a torn page.
            if next != 0 && next <= block {
                return None;
            }
            block = next;
        }
        let (payload, row) = self.cells(8).filter_map(|cell| self.cell(cell)).min_by_key(|(payload, _)| *payload)?;
        Some(Stained::Row(RowToRewrite { row, payload, free }))
    }
}

fn varint_length(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    usize::try_from(bits.div_ceil(7)).map_or(9, |bytes| bytes.clamp(1, 9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_have_the_length_that_sqlite_gives_them() {
        for (number, length) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (2_097_151, 3), (2_097_152, 4)] {
            assert_eq!(varint_length(number), length, "{number}");
        }
        let page =
            Page { bytes: vec![0x81, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], start: 0 };
        assert_eq!(page.varint(0), Some((128, 2)));
        assert_eq!(page.varint(2), Some((u64::MAX, 11)));
        assert_eq!(page.varint(11), Some((127, 12)));
        assert_eq!(page.varint(12), None);
    }

    #[test]
    fn random_pages_are_read_without_a_panic() {
        let mut state = 1_u64;
        for _ in 0..2_000 {
            let mut bytes = vec![0; 512];
            for byte in &mut bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = state.to_be_bytes()[0];
            }
            let page = Page { bytes, start: 0 };
            let _ = (page.stained(512), page.child(Some(7)), page.child(None));
        }
    }
}
