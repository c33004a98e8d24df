//! What waits to be written to one socket: frames that are shared with every other reader, bounded in bytes.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Frames that share a write at most; more gains nothing measurable.
pub(super) const GATHER: usize = 64;

/// The queue of one connection. Without memory while it is empty.
#[derive(Default)]
pub(super) struct FrameQueue {
    queue: VecDeque<Bytes>,
    bytes: usize,
    /// Part of the first frame is in the socket already.
    begun: bool,
    /// So many frames at the front go before one that is urgent: the one that has begun, and earlier urgent ones.
    ahead: usize,
    pushed: u64,
    written: u64,
    urgent: u64,
}

impl FrameQueue {
    /// Adds a frame behind the others.
    pub(super) fn push(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.pushed += len(&frame);
        self.queue.push_back(frame);
    }

    /// Adds a frame before all that has not begun, but for those that were added in this way before.
    pub(super) fn push_urgent(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.pushed += len(&frame);
        self.urgent += len(&frame);
        let at = self.ahead.max(usize::from(self.begun));
        self.queue.insert(at, frame);
        self.ahead = at + 1;
    }

    /// Drops all that has not begun.
    pub(super) fn drop_rest(&mut self) {
        self.queue.truncate(usize::from(self.begun));
        self.ahead = self.ahead.min(self.queue.len());
        self.bytes = self.queue.iter().map(Bytes::len).sum();
        self.pushed = self.written + u64::try_from(self.bytes).unwrap_or_default();
    }

    /// Drops all: what they were for is gone.
    pub(super) fn clear(&mut self) {
        *self = Self { pushed: self.pushed, written: self.pushed, urgent: self.urgent, ..Self::default() };
    }

    /// Bytes that wait.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// True where nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// A mark in the stream: all that has been added so far.
    pub(super) const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// How much of what was added went before others: marks from before it lie so much further on.
    pub(super) const fn urgent(&self) -> u64 {
        self.urgent
    }

    /// How far the stream has left.
    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// True where all up to `mark` has left.
    pub(super) const fn has_left(&self, mark: u64) -> bool {
        self.written >= mark
    }

    /// The frames that go next, for one gathered write; says how many there are.
    pub(super) fn slices<'a>(&'a self, to: &mut [IoSlice<'a>; GATHER]) -> usize {
        let mut count = 0;
        for (slice, frame) in to.iter_mut().zip(&self.queue) {
            *slice = IoSlice::new(frame);
            count += 1;
        }
        count
    }

    /// So many bytes are in the socket.
    pub(super) fn advance(&mut self, mut count: usize) {
        self.bytes = self.bytes.saturating_sub(count);
        self.written += u64::try_from(count).unwrap_or_default();
        while let Some(first) = self.queue.front_mut() {
            if count < first.len() {
                first.advance(count);
                self.begun |= count > 0;
                return;
            }
            count -= first.len();
            self.queue.pop_front();
            self.begun = false;
            self.ahead = self.ahead.saturating_sub(1);
        }
        // Idle connections are many: keep nothing for them.
        self.queue = VecDeque::new();
    }
}

fn len(frame: &Bytes) -> u64 {
    u64::try_from(frame.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(queue: &FrameQueue) -> Vec<u8> {
        queue.queue.iter().flatten().copied().collect()
    }

    #[test]
    fn what_has_begun_is_finished_before_anything_else() {
        let mut queue = FrameQueue::default();
        queue.push(Bytes::from_static(b"first"));
        queue.push(Bytes::from_static(b"second"));
        queue.advance(2);
        queue.push_urgent(Bytes::from_static(b"!"));
        assert_eq!(rest(&queue), b"rst!second");
        queue.drop_rest();
        assert_eq!((rest(&queue), queue.bytes()), (b"rst".to_vec(), 3));
        let mark = queue.pushed();
        assert!(!queue.has_left(mark));
        queue.advance(3);
        assert!(queue.is_empty() && queue.has_left(mark));
    }

    #[test]
    fn urgent_frames_keep_their_order() {
        let mut queue = FrameQueue::default();
        queue.push(Bytes::from_static(b"abc"));
        for urgent in ["1", "2"] {
            queue.push_urgent(Bytes::from_static(urgent.as_bytes()));
        }
        assert_eq!(rest(&queue), b"12abc");
        queue.advance(1);
        queue.push_urgent(Bytes::from_static(b"3"));
        queue.advance(3);
        queue.push_urgent(Bytes::from_static(b"45"));
        queue.push_urgent(Bytes::from_static(b"6"));
        assert_eq!(rest(&queue), b"bc456");
        queue.advance(3);
        queue.push_urgent(Bytes::from_static(b"7"));
        queue.push(Bytes::from_static(b"d"));
        assert_eq!(rest(&queue), b"567d");
        queue.drop_rest();
        queue.push_urgent(Bytes::from_static(b"8"));
        assert_eq!(rest(&queue), b"58");
    }

    #[test]
    fn writes_may_end_anywhere() {
        let mut queue = FrameQueue::default();
        for text in ["ab", "cde", "f"] {
            queue.push(Bytes::from_static(text.as_bytes()));
        }
        let mut seen = Vec::new();
        for count in [1, 3, 2] {
            seen.extend(rest(&queue).into_iter().take(count));
            queue.advance(count);
        }
        assert_eq!(seen, b"abcdef");
        assert!(queue.is_empty() && queue.bytes() == 0);
    }
}
