//! One thread of the program: it opens its connections, lets them play, waits until nothing comes any more, and hands
//! over what they recorded. The main thread only starts and ends the phases, and reads the server's CPU meanwhile.

use std::rc::Rc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, sleep_until};

use crate::board::{Board, Phase, Times};
use crate::client::Target;
use crate::error::LoadError;
use crate::ledger::Ledger;
use crate::letter::Letter;
use crate::options::Options;
use crate::part::Part;
use crate::player::Player;
use crate::socket::Socket;
use crate::tally::Tally;

/// After the last send: with every send answered, this long without a frame is the end.
const SILENCE: Duration = Duration::from_secs(1);
/// After the last send: later than this nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

pub fn runtime() -> Result<Runtime, LoadError> {
    Builder::new_current_thread().enable_all().build().map_err(LoadError::system("starting tokio"))
}

#[derive(Debug)]
pub struct Outcome {
    pub tally: Tally,
    pub ledgers: Vec<Ledger>,
}

#[derive(Debug)]
pub struct Worker {
    start: oneshot::Sender<Times>,
    thread: JoinHandle<Result<Outcome, LoadError>>,
}

#[derive(Debug)]
pub struct Playing {
    thread: JoinHandle<Result<Outcome, LoadError>>,
}

impl Worker {
    /// Starts the thread; `opened` receives one result: all its connections are ready, or why not.
    pub fn start(
        parts: Vec<Part>,
        options: &Options,
        target: Target,
        zero: Instant,
        opened: mpsc::Sender<Result<(), LoadError>>,
    ) -> Result<Self, LoadError> {
        let (start, started) = oneshot::channel();
        let cast = Cast {
            parts,
            target,
            zero,
            at_once: (options.at_once / options.threads).max(1),
            text_bytes: options.text_bytes,
            keys: options.keys,
        };
        let body = move || runtime()?.block_on(LocalSet::new().run_until(cast.play(opened, started)));
        let thread = std::thread::Builder::new().spawn(body).map_err(LoadError::system("starting a thread"))?;
        Ok(Self { start, thread })
    }

    pub fn play(self, times: Times) -> Playing {
        // A thread that has ended gives its error when it is joined.
        let _ = self.start.send(times);
        Playing { thread: self.thread }
    }
}

impl Playing {
    pub fn join(self) -> Result<Outcome, LoadError> {
        self.thread.join().unwrap_or(Err(LoadError::Thread))
    }
}

struct Cast {
    parts: Vec<Part>,
    target: Target,
    zero: Instant,
    at_once: usize,
    text_bytes: usize,
    keys: bool,
}

impl Cast {
    async fn play(
        self,
        opened: mpsc::Sender<Result<(), LoadError>>,
        started: oneshot::Receiver<Times>,
    ) -> Result<Outcome, LoadError> {
        let board = Rc::new(Board::new(self.zero));
        let players = self.open(&board).await;
        let (result, players) = match players {
            Ok(players) => (Ok(()), players),
            Err(error) => (Err(error), Vec::new()),
        };
        let _ = opened.send(result);
        let Ok(times) = started.await else {
            return Err(LoadError::Thread);
        };

        board.measure(times);
        board.enter(Phase::Play);
        sleep_until(times.to.into()).await;
        board.enter(Phase::Quiet);
        drain(&board).await;
        board.enter(Phase::Over);
        let mut ledgers = Vec::with_capacity(players.len());
        for player in players {
            ledgers.push(player.await.map_err(|_| LoadError::Thread)?);
        }
        let tally = board.tally.replace(Tally::new());
        Ok(Outcome { tally, ledgers })
    }

    /// Opens the connections, a few at once. Each one reads from the moment it is ready: it has pings to answer.
    async fn open(&self, board: &Rc<Board>) -> Result<Vec<tokio::task::JoinHandle<Ledger>>, LoadError> {
        stream::iter(&self.parts)
            .map(|part| async move {
                let (socket, _) = Socket::open(&self.target, part.dialect, part.number, &part.token).await?;
                let letter =
                    Letter::new(part.dialect, &part.session_id, self.keys.then_some(part.number), self.text_bytes);
                let player = Player::new(socket, Rc::clone(board), part.clone(), letter);
                Ok(spawn_local(player.play()))
            })
            .buffer_unordered(self.at_once)
            .try_collect()
            .await
    }
}

/// Waits until every send is answered and nothing comes any more.
async fn drain(board: &Board) {
    let end = Instant::now() + PATIENCE;
    let mut frames = u64::MAX;
    loop {
        let (seen, under_way) = {
            let tally = board.tally.borrow();
            (tally.frames, tally.under_way)
        };
        if (seen == frames && under_way == 0) || Instant::now() >= end {
            return;
        }
        frames = seen;
        sleep(SILENCE).await;
    }
}
