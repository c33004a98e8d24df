//! A WebSocket: reads what may be read, writes what waits, and ends with the socket.
//!
//! What the hub puts into the queue the hub also writes, straight away for all connections of a room; only what a socket
//! does not take is left to this.

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
use super::super::outbound::Stage;
use super::Transport;

/// Read at most so many times before others have their turn.
const READS: usize = 4;
/// Bytes read at once.
const READ_BYTES: usize = 16 * 1_024;
/// What the kernel may buffer for a peer that does not read; it doubles the number.
const SEND_BUFFER: usize = 128 * 1_024;

thread_local! {
    /// One buffer for reading serves all connections of a thread, one after the other.
    static SCRATCH: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// A socket and how far it has been shut.
pub(crate) struct Socket {
    io: Rc<TcpStream>,
    /// Bytes may wait in the inbox that no reading will announce.
    fresh: bool,
    /// The rate is used up; until when.
    pause: Option<Pin<Box<Sleep>>>,
    /// The peer sends nothing any more: everything that it sent was read.
    ended: bool,
    /// Our close frame is out and our side shut: the peer is read until it shuts its own, so that the frame arrives.
    shut: bool,
}

impl Socket {
    /// Takes over a socket.
    pub(crate) fn new(io: Rc<TcpStream>) -> Self {
        let socket = socket2::SockRef::from(io.as_ref());
        // Bounds what a stalled reader costs in the kernel; failing to leaves the system's own bound.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        Self { io, fresh: true, pause: None, ended: false, shut: false }
    }

    /// Reads and hands over whole messages for as long as the connection takes them. `Ready`: the peer is gone.
    fn read(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()> {
        for _ in 0..READS {
            if let Some(pause) = &mut self.pause {
                if pause.as_mut().poll(task).is_pending() {
                    return Poll::Pending;
                }
                self.pause = None;
            }
            if self.fresh || act.inbox.has_rest() {
                self.fresh = false;
                match self.hand_over(act, ctx) {
                    Flow::Go => {}
                    Flow::Hold => return Poll::Pending,
                    Flow::Wait(time) => {
                        self.pause = Some(Box::pin(sleep(time)));
                        continue;
                    }
                }
            }
            if !act.takes() {
                return Poll::Pending;
            }
            match self.io.poll_read_ready(task) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {
                    act.link.deadlines.hold_back(false);
                    return Poll::Pending;
                }
            }
            match self.fill(act) {
                Ok(0) => return Poll::Ready(()),
                Ok(_) => self.fresh = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(()),
            }
        }
        if self.fresh {
            let _ = self.hand_over(act, ctx);
        }
        // More may be there; others first.
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
                // Nothing came: nobody will look at the buffer, so it must not stay here.
                act.inbox.settle(scratch);
            }
            read
        })
    }

    fn hand_over(&mut self, act: &mut Connection, ctx: &mut Context<Connection>) -> Flow {
        let flow = act.take_messages(ctx);
        SCRATCH.with_borrow_mut(|scratch| act.inbox.settle(scratch));
        flow
    }

    /// Writes what waits. `Ready`: nothing is left, or the socket takes nothing any more.
    fn write(&self, act: &Connection, task: &mut Task<'_>) -> Poll<()> {
        while !act.link.queue.flush() {
            if ready!(self.io.poll_write_ready(task)).is_err() {
                break;
            }
        }
        Poll::Ready(())
    }

    /// Behind our close frame: shuts our side and reads the peer's until it ends. `Ready`: it has.
    fn drain(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if !self.shut {
            self.shut = true;
            let _ = socket2::SockRef::from(self.io.as_ref()).shutdown(std::net::Shutdown::Write);
        }
        let mut nowhere = [0_u8; 4_096];
        for _ in 0..READS {
            if ready!(self.io.poll_read_ready(task)).is_err() {
                return Poll::Ready(());
            }
            match self.io.try_read(&mut nowhere) {
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
    /// `Ready`: the socket has ended.
    fn transfer(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()> {
        if !act.link.is_closing() {
            act.link.deadlines.hold_back(true);
            if !self.ended && self.read(act, ctx, task).is_ready() {
                self.ended = true;
                if act.session.is_some() {
                    // What its client has sent is carried out without it.
                    return Poll::Ready(());
                }
                act.finish(Finish::EndOfStream);
            }
        }
        // Where packets carry the connection, the last ones go before the end.
        act.carry_out(ctx);
        let has_written = self.write(act, task).is_ready();
        match act.link.stage() {
            Stage::Strange | Stage::Arriving | Stage::Live if self.ended && has_written && !act.is_finishing() => {
                Poll::Ready(())
            }
            Stage::Cut => {
                // What the kernel still holds for a peer that does not take it goes with the socket.
                let _ = socket2::SockRef::from(self.io.as_ref()).set_linger(Some(Duration::ZERO));
                Poll::Ready(())
            }
            Stage::Closing if act.link.queue.is_empty() => self.drain(task),
            _ => Poll::Pending,
        }
    }
}
