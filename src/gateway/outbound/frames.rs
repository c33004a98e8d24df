//! Frames that wait to be written to one socket. A frame's bytes are shared with every other recipient.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Frames that share a write at most; more gains nothing measurable.
pub(super) const GATHER: usize = 64;

/// The queue of one connection. Without memory while it is empty.
#[derive(Default)]
pub(super) struct FrameQueue {
    queue: VecDeque<Bytes>,
    /// Bytes added so far, without those that were dropped.
    pushed: u64,
    /// Bytes that the socket has taken so far; the rest of `pushed` is queued.
    written: u64,
    /// Bytes added so far by [`push_urgent`](Self::push_urgent).
    urgent: u64,
    /// Frames at the front that the next urgent one is put behind: the one partly written, and earlier urgent ones.
    ahead: u32,
    /// Part of the first frame is written.
    is_partly_written: bool,
}

impl FrameQueue {
    pub(super) fn push(&mut self, frame: Bytes) {
        self.pushed += len(&frame);
        self.queue.push_back(frame);
    }

    /// Adds a frame before all others, except one that is partly written and earlier urgent ones.
    pub(super) fn push_urgent(&mut self, frame: Bytes) {
        self.pushed += len(&frame);
        self.urgent += len(&frame);
        let at = self.ahead.max(self.is_partly_written.into());
        self.queue.insert(usize::try_from(at).unwrap_or(usize::MAX).min(self.queue.len()), frame);
        self.ahead = at + 1;
    }

    /// Drops all frames of which nothing is written.
    pub(super) fn drop_rest(&mut self) {
        self.queue.truncate(self.is_partly_written.into());
        self.ahead = self.ahead.min(self.is_partly_written.into());
        self.pushed = self.written + self.queue.iter().map(len).sum::<u64>();
    }

    /// Drops all frames: their socket has ended. They count as written.
    pub(super) fn clear(&mut self) {
        *self = Self { pushed: self.pushed, written: self.pushed, urgent: self.urgent, ..Self::default() };
    }

    pub(super) fn bytes(&self) -> usize {
        usize::try_from(self.pushed - self.written).unwrap_or(usize::MAX)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Bytes that were added before others: positions taken earlier lie so much further on.
    pub(super) const fn urgent(&self) -> u64 {
        self.urgent
    }

    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Fills `to` with the frames that go next, for one gathered write; returns how many there are.
    pub(super) fn slices<'a>(&'a self, to: &mut [IoSlice<'a>; GATHER]) -> usize {
        let mut count = 0;
        for (slice, frame) in to.iter_mut().zip(&self.queue) {
            *slice = IoSlice::new(frame);
            count += 1;
        }
        count
    }

    /// Removes so many bytes, which the socket has taken.
    pub(super) fn advance(&mut self, mut count: usize) {
        self.written += u64::try_from(count).unwrap_or_default();
        while let Some(first) = self.queue.front_mut() {
            if count < first.len() {
                first.advance(count);
                self.is_partly_written |= count > 0;
                return;
            }
            count -= first.len();
            self.queue.pop_front();
            self.is_partly_written = false;
            self.ahead = self.ahead.saturating_sub(1);
        }
        // Most connections are idle: none of them keeps memory.
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
    fn a_frame_that_is_partly_written_is_finished_first() {
        let mut queue = FrameQueue::default();
        queue.push(Bytes::from_static(b"first"));
        queue.push(Bytes::from_static(b"second"));
        queue.advance(2);
        queue.push_urgent(Bytes::from_static(b"!"));
        assert_eq!(rest(&queue), b"rst!second");
        queue.drop_rest();
        assert_eq!((rest(&queue), queue.bytes()), (b"rst".to_vec(), 3));
        assert_eq!((queue.pushed(), queue.written()), (5, 2));
        queue.advance(3);
        assert!(queue.is_empty() && queue.written() == 5);
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
    fn a_write_may_end_inside_a_frame() {
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
