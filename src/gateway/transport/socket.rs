//! A WebSocket: reading, writing, and closing.
//!
//! What the hub queues the hub also writes, at once for all connections of a room; only what a socket does not take is written
//! from here.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll, ready};
use std::time::Duration;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;
use bytes::BytesMut;
use tokio::time::{Sleep, sleep};

use super::super::connection::{Connection, Finish, Flow};
use super::super::outbound::Phase;
use super::Transport;

const READS: usize = 4;
const READ_BYTES: usize = 16 * 1_024;
/// Bytes that the kernel may buffer for a client that does not read; it doubles the number.
const SEND_BUFFER: usize = 128 * 1_024;

thread_local! {
    /// The read buffer of all connections of a thread, used by one after the other.
    static SCRATCH: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

pub(crate) struct Socket {
    io: Rc<TcpStream>,
    has_unprocessed: bool,
    rate_pause: Option<Pin<Box<Sleep>>>,
    /// The client sends nothing any more, and all that it sent is read.
    read_closed: bool,
    /// The close frame is sent and the write side shut. The client is read until it shuts its own side, so that the frame arrives.
    write_closed: bool,
}

impl Socket {
    pub(crate) fn new(io: Rc<TcpStream>) -> Self {
        let socket = socket2::SockRef::from(io.as_ref());
        // If this fails, the system's own bound applies.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        Self { io, has_unprocessed: true, rate_pause: None, read_closed: false, write_closed: false }
    }

    /// Reads and processes messages, as far as the limits of the connection allow. `Ready` when the stream has ended.
    fn read(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()> {
        for _ in 0..READS {
            if let Some(pause) = &mut self.rate_pause {
                if pause.as_mut().poll(task).is_pending() {
                    return Poll::Pending;
                }
                self.rate_pause = None;
            }
            if self.has_unprocessed || act.inbox.has_rest() {
                self.has_unprocessed = false;
                match self.process_inbox(act, ctx) {
                    Flow::Continue => {}
                    Flow::Stop => return Poll::Pending,
                    Flow::Wait(time) => {
                        self.rate_pause = Some(Box::pin(sleep(time)));
                        continue;
                    }
                }
            }
            if !act.can_read() {
                return Poll::Pending;
            }
            match self.io.poll_read_ready(task) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {
                    act.link.deadlines.read_paused.set(false);
                    return Poll::Pending;
                }
            }
            match self.fill(act) {
                Ok(0) => return Poll::Ready(()),
                Ok(_) => self.has_unprocessed = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(()),
            }
        }
        if self.has_unprocessed {
            let _ = self.process_inbox(act, ctx);
        }
        // There may be more to read, after the other connections' turns.
        task.waker().wake_by_ref();
        Poll::Pending
    }

    fn fill(&self, act: &mut Connection) -> io::Result<usize> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = act.inbox.buffer(scratch);
            buffer.reserve(READ_BYTES);
            let read = self.io.try_read_buf(&mut buffer);
            act.inbox.hold(buffer);
            if !matches!(read, Ok(1..)) {
                // Nothing was read, so the inbox is not processed and would keep the buffer.
                act.inbox.settle(scratch);
            }
            read
        })
    }

    fn process_inbox(&mut self, act: &mut Connection, ctx: &mut Context<Connection>) -> Flow {
        let flow = act.process_messages(ctx);
        SCRATCH.with_borrow_mut(|scratch| act.inbox.settle(scratch));
        flow
    }

    /// Writes the queue. `Ready` when nothing is left, or writing has failed.
    fn write(&self, act: &Connection, task: &mut Task<'_>) -> Poll<()> {
        while !act.link.queue.flush() {
            if ready!(self.io.poll_write_ready(task)).is_err() {
                break;
            }
        }
        Poll::Ready(())
    }

    /// Behind the close frame: shuts the write side, and reads until the client ends the stream. `Ready` when it has.
    fn drain(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if !self.write_closed {
            self.write_closed = true;
            let _ = socket2::SockRef::from(self.io.as_ref()).shutdown(std::net::Shutdown::Write);
        }
        let mut ignored = [0_u8; 4_096];
        for _ in 0..READS {
            if ready!(self.io.poll_read_ready(task)).is_err() {
                return Poll::Ready(());
            }
            match self.io.try_read(&mut ignored) {
                Ok(0) => return Poll::Ready(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(()),
            }
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Transport for Socket {
    /// `Ready` when the socket has ended.
    fn transfer(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()> {
        if !act.link.is_closing() {
            act.link.deadlines.read_paused.set(true);
            if !self.read_closed && self.read(act, ctx, task).is_ready() {
                self.read_closed = true;
                if act.session.is_some() {
                    // The session processes what its client has sent without the socket.
                    return Poll::Ready(());
                }
                act.finish(Finish::EndOfStream);
            }
        }
        // A session's last packets are queued before the end.
        act.run_actions(ctx);
        let has_written = self.write(act, task).is_ready();
        match act.link.phase() {
            Phase::Unauthenticated | Phase::Handshaking | Phase::Live
                if self.read_closed && has_written && !act.is_finishing() =>
            {
                Poll::Ready(())
            }
            Phase::Aborted => {
                // Dropped with a reset, so that the kernel keeps nothing for a client that does not read.
                let _ = socket2::SockRef::from(self.io.as_ref()).set_linger(Some(Duration::ZERO));
                Poll::Ready(())
            }
            Phase::Closing if act.link.queue.is_empty() => self.drain(task),
            _ => Poll::Pending,
        }
    }
}
