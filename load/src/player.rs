//! One connection at play: it reads what has arrived, records it, sends what its part prescribes, and flushes all of that in
//! one write. It is one hand-written future, woken by its socket, its clock and the board.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::board::{Board, Phase};
use crate::field::Layout;
use crate::frame_kind::{self, Classifier, FrameKind};
use crate::ledger::Ledger;
use crate::letter::Letter;
use crate::part::{Part, Turn};
use crate::socket::Socket;
use crate::tally::Tally;
use crate::wire::{self, Frame};

#[derive(Debug)]
pub struct Player {
    socket: Socket,
    board: Rc<Board>,
    part: Part,
    letter: Letter,
    ledger: Ledger,
    classifier: Classifier,
    message: Layout,
    ok: Layout,
    watching: bool,
    begun: bool,
    /// Due at the next send of a paced part.
    clock: Option<Pin<Box<Sleep>>>,
}

impl Player {
    /// A connection that is `ready`, and sends nothing before the board begins the play.
    pub fn new(socket: Socket, board: Rc<Board>, part: Part, letter: Letter) -> Self {
        let ledger = Ledger::new(part.session);
        let classifier = Classifier::new(part.dialect);
        let (message, ok) = (Layout::default(), Layout::default());
        Self {
            socket,
            board,
            part,
            letter,
            ledger,
            classifier,
            message,
            ok,
            watching: false,
            begun: false,
            clock: None,
        }
    }

    /// Plays until the board's last phase, or until the server ends the connection.
    pub async fn play(mut self) -> Ledger {
        std::future::poll_fn(|context| self.poll(context)).await;
        self.ledger
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let board = Rc::clone(&self.board);
        if board.phase() == Phase::Over {
            return Poll::Ready(());
        }
        let mut tally = board.tally.borrow_mut();
        match self.step(context, &board, &mut tally) {
            Ok(()) => Poll::Pending,
            Err(reason) => {
                tally.under_way -= self.ledger.unanswered();
                self.ledger.ended = Some(reason);
                Poll::Ready(())
            }
        }
    }

    fn step(&mut self, context: &mut Context<'_>, board: &Board, tally: &mut Tally) -> Result<(), String> {
        let playing = board.phase() == Phase::Play;
        if !std::mem::replace(&mut self.watching, true) {
            board.watch(context.waker());
            // What came together with `ready`: no other wake-up may follow it.
            let kept = self.socket.kept();
            self.read(&kept, board.now(), playing, tally)?;
        }
        if playing {
            self.open_play(board.now(), tally);
            self.keep_pace(context, board, tally);
        }
        let mut scratch = board.scratch.borrow_mut();
        loop {
            match self.socket.poll_read(context, &mut scratch) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) => return Err(error.to_string()),
                Poll::Ready(Ok(size)) => {
                    self.read(scratch.get(..size).unwrap_or_default(), board.now(), playing, tally)?
                }
            }
        }
        self.socket.flush(context).map_err(|error| error.to_string())
    }

    fn open_play(&mut self, now: u64, tally: &mut Tally) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        match self.part.turn {
            Turn::OnDelivery(first) | Turn::OnAck(first) => (0..first).for_each(|_| self.send(now, tally)),
            Turn::Paced { first, .. } => self.clock = Some(Box::pin(tokio::time::sleep(first))),
            Turn::Listen => {}
        }
    }

    /// Sends what is due by the clock. Being late is made good, so the prescribed rate is kept.
    fn keep_pace(&mut self, context: &mut Context<'_>, board: &Board, tally: &mut Tally) {
        let Turn::Paced { every, .. } = self.part.turn else {
            return;
        };
        let every = every.max(Duration::from_micros(1));
        let Some(mut clock) = self.clock.take() else {
            return;
        };
        while clock.as_mut().poll(context).is_ready() {
            let mut due = clock.deadline();
            while due <= Instant::now() {
                self.send(board.now(), tally);
                due += every;
            }
            clock.as_mut().reset(due);
        }
        self.clock = Some(clock);
    }

    fn send(&mut self, now: u64, tally: &mut Tally) {
        let id = self.ledger.send(now);
        self.letter.write(id, now, self.socket.out());
        tally.under_way += 1;
    }

    fn read(&mut self, mut bytes: &[u8], now: u64, playing: bool, tally: &mut Tally) -> Result<(), String> {
        while let Some((frame, behind)) = wire::decode(bytes).map_err(|error| error.to_string())? {
            bytes = behind;
            tally.frames += 1;
            self.take(&frame, now, playing, tally)?;
        }
        self.socket.keep(bytes);
        Ok(())
    }

    fn take(&mut self, frame: &Frame<'_>, now: u64, playing: bool, tally: &mut Tally) -> Result<(), String> {
        let answer = match frame.opcode {
            wire::TEXT => match self.classifier.classify(frame.payload) {
                FrameKind::Message => self.message(frame.payload, now, tally),
                FrameKind::Ok(Some(id)) => self.ok(id, frame.payload, now, tally),
                FrameKind::Error(id) => self.refused(id, frame.payload, tally),
                FrameKind::Ping => {
                    wire::encode(wire::TEXT, frame_kind::PONG.as_bytes(), self.socket.out());
                    false
                }
                FrameKind::Greeting | FrameKind::Ready | FrameKind::Ok(None) | FrameKind::Other => false,
            },
            wire::PING => {
                wire::encode(wire::PONG, frame.payload, self.socket.out());
                false
            }
            wire::CLOSE => return Err(wire::closing(frame.payload)),
            _ => false,
        };
        if answer && playing {
            self.send(now, tally);
        }
        Ok(())
    }

    /// Writes a delivery down; whether the part answers it with a send.
    fn message(&mut self, json: &[u8], now: u64, tally: &mut Tally) -> bool {
        let id = self.part.session_id.as_bytes();
        let of_session = self.message.session.value(json).is_some_and(|value| value.starts_with(id));
        let Some(seq) = self.message.seq.number(json).filter(|_| of_session) else {
            return false;
        };
        self.ledger.see(seq);
        tally.delivered(self.message.text.number(json), now);
        matches!(self.part.turn, Turn::OnDelivery(_))
    }

    /// Writes an acknowledgement down; whether the part answers it with a send.
    fn ok(&mut self, id: u64, json: &[u8], now: u64, tally: &mut Tally) -> bool {
        let Some(seq) = self.ok.seq.number(json) else {
            return false;
        };
        self.ledger.see(seq);
        let Some(sent) = self.ledger.answer(id) else {
            return false;
        };
        tally.under_way -= 1;
        tally.acknowledged(sent, now);
        matches!(self.part.turn, Turn::OnAck(_))
    }

    /// Writes a refusal down. It is not tried again: a play that is refused has failed.
    fn refused(&mut self, id: Option<u64>, json: &[u8], tally: &mut Tally) -> bool {
        if id.is_some_and(|id| self.ledger.answer(id).is_some()) {
            tally.under_way -= 1;
        }
        self.ledger.refused += 1;
        self.ledger.refusal.get_or_insert_with(|| String::from_utf8_lossy(json).into_owned());
        false
    }
}
