//! Builds and runs the server: opens the store, starts the workers with a hub each and the ChatServer on the first of them,
//! mounts the routes, and shuts everything down in order. With port 0 tests run the same server.

use std::cell::RefCell;
use std::future::ready;
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use actix::prelude::*;
use actix_http::{HttpService, Protocol};
use actix_server::{Server, ServerHandle};
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};

use crate::bus::{self, PollIntervals};
use crate::chat::{Attach, Chat, ChatServer, Fanout};
use crate::config::{Config, Origin};
use crate::domain::Disconnect;
use crate::edge::http_connections::HttpAcceptor;
use crate::edge::{self, EdgeStream};
use crate::gateway::{self, Admission, Connection, GatewayContext, Hub, Links, SessionRegistry, Upgrade};
use crate::http;
use crate::service::Services;
use crate::service::accounts::AccountService;
use crate::service::messages::refusal;
use crate::service::operator_requests::run_pending;
use crate::store::{ChangeDetector, OutboxEntry, StartError, Store};

/// The head of a request must arrive within this time.
const HEAD: Duration = Duration::from_secs(5);
/// An idle connection is kept open for the next request so long.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// The shutdown waits so long for clients to close their connections.
const CLOSING: Duration = Duration::from_millis(2_200);
/// The accepting thread pauses within this time.
const PAUSE: Duration = Duration::from_millis(20);
const SHUTDOWN: Duration = Duration::from_millis(4_700);
/// How often operator requests are polled.
const POLL: Duration = Duration::from_millis(200);
/// How often changed failure budgets are saved: a crash loses the failures of this time.
const BUDGETS: Duration = Duration::from_secs(1);
/// Milliseconds between two reads of other servers' commits …
const EAGER_POLL: u64 = 100;
/// … and while Redis brings them.
const RELAXED_POLL: u64 = 1_000;
/// Commits that wait to be published; those beyond are read by the other servers.
const RELAY: usize = 1_024;
/// Seconds for requests in flight at the shutdown.
const REQUESTS: u64 = 1;

/// A running Parlor.
pub struct App {
    address: SocketAddr,
    /// The listening socket, shared with the accepting thread.
    listener: TcpListener,
    store: Store,
    admission: Admission,
    outlet: UnboundedSender<Fanout>,
    handle: ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    operators: tokio::task::JoinHandle<()>,
    saving: tokio::task::JoinHandle<()>,
    accounts: AccountService,
    metrics: Option<ServerHandle>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StartError),
    /// The address cannot be used.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The threads cannot be started.
    #[error("cannot start the workers: {0}")]
    Workers(std::io::Error),
}

/// Builds the workers. The first starts the ChatServer on its thread: a message there takes no detour through another thread.
#[derive(Clone)]
struct WorkerFactory {
    services: Services,
    admission: Admission,
    sessions: SessionRegistry<Connection>,
    transport: HttpAcceptor,
    chat: Arc<OnceLock<Addr<ChatServer>>>,
    commits: Arc<Mutex<Option<UnboundedReceiver<Fanout>>>>,
    hubs: Arc<AtomicUsize>,
    up: UnboundedSender<()>,
}

impl App {
    /// Opens the store and starts serving; once this returns, requests are answered.
    ///
    /// # Errors
    /// Where the database, the address or the threads cannot be used.
    pub async fn start(config: Config) -> Result<Self, AppError> {
        let config = Arc::new(config);
        let (outlet, commits) = unbounded_channel();
        let sink = outlet.clone();
        let sink = Box::new(move |outputs, lost| {
            // Fails only without a ChatServer, at the shutdown.
            let _ = sink.send(Fanout::Committed { outputs, lost });
        });
        // First: a port that is in use leaves no database behind.
        let listener = TcpListener::bind(config.listen).map_err(|error| AppError::Listen(config.listen, error))?;
        let (relay, committed) = channel(RELAY);
        let store = Store::open(&config, sink, refusal, relay)?;
        start_bus(&config, &store, committed).map_err(AppError::Workers)?;
        let address = listener.local_addr().map_err(|error| AppError::Listen(config.listen, error))?;
        let accepting = listener.try_clone().map_err(|error| AppError::Listen(config.listen, error))?;
        let limits = &config.limits;
        let admission = Admission::new(limits.hello_per_address, limits.hello_total, limits.user_connections);
        warn_of_plain_text(address, &config);
        let (up, mut is_up) = unbounded_channel();
        let services = Services::new(store.clone(), Arc::clone(&config)).map_err(AppError::Workers)?;
        let (accounts, monitored) = (services.accounts.clone(), services.clone());
        if let Err(refusal) = accounts.restore_budgets().await {
            log::error!("failure budgets start anew: {}", refusal.code());
        }
        let factory = WorkerFactory {
            services,
            admission: admission.clone(),
            sessions: SessionRegistry::default(),
            transport: HttpAcceptor::new(Arc::clone(&config)),
            chat: Arc::default(),
            commits: Arc::new(Mutex::new(Some(commits))),
            hubs: Arc::default(),
            up,
        };
        let started = Arc::clone(&factory.chat);
        let server = serve(factory, accepting, config.workers).map_err(AppError::Workers)?;
        let handle = server.handle();
        let server = actix_web::rt::spawn(server);
        for _ in 0..config.workers {
            if timeout(Duration::from_secs(10), is_up.recv()).await.is_err() {
                return Err(AppError::Workers(std::io::Error::other("a worker does not come up")));
            }
        }
        let metrics = match (config.metrics_listen, started.get()) {
            (Some(address), Some(chat)) => Some(serve_metrics(address, monitored, chat.clone())?),
            _ => None,
        };
        let operators = actix_web::rt::spawn(poll_operators(store.clone(), store.change_detector()));
        let saving = actix_web::rt::spawn(save_budgets(accounts.clone()));
        Ok(Self { address, listener, store, admission, outlet, handle, server, operators, saving, accounts, metrics })
    }

    /// The listening address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Graceful shutdown: stops accepting, finishes requests in flight, and closes every connection with a code for
    /// reconnecting. Takes at most five seconds, whatever the disk does.
    pub async fn stop(self) {
        let end = Instant::now() + SHUTDOWN;
        self.admission.close();
        self.operators.abort();
        self.handle.pause().await;
        // While paused, the kernel still accepts into the backlog; shutting the socket down refuses new connections. The
        // accepting thread does not confirm the pause, and would log an error if the socket were shut down before.
        sleep(PAUSE).await;
        if let Err(error) = socket2::SockRef::from(&self.listener).shutdown(Shutdown::Both) {
            log::debug!("the listening socket is not shut down: {error}");
        }
        // All replies are then sent; the close frames follow them in the same streams.
        let _ = timeout_at(end - CLOSING, self.store.writer().drain()).await;
        let _ = self.outlet.send(Fanout::Close(Disconnect::Restart));
        let closed = (Instant::now() + CLOSING).min(end);
        while self.admission.live() > 0 && Instant::now() < closed {
            sleep(Duration::from_millis(10)).await;
        }
        if let Some(metrics) = self.metrics {
            let _ = timeout_at(end, metrics.stop(false)).await;
        }
        let _ = timeout_at(end, self.handle.stop(true)).await;
        let _ = timeout_at(end, self.server).await;
        self.saving.abort();
        self.accounts.save_budgets();
        // Requests that have ended meanwhile may have written, and so has the ChatServer, when users were last seen.
        let _ = timeout_at(end, self.store.writer().close()).await;
    }
}

/// Several servers on one database get each other's commits by Redis, where there is one, else by polling.
fn start_bus(config: &Config, store: &Store, committed: Receiver<OutboxEntry>) -> std::io::Result<()> {
    let milliseconds = |default| Duration::from_millis(config.poll_ms.unwrap_or(default));
    store.writer().poll_every(milliseconds(EAGER_POLL));
    let Some(url) = &config.redis_url else { return Ok(()) };
    let relaxed = milliseconds(RELAXED_POLL);
    let eager = relaxed.min(Duration::from_millis(EAGER_POLL));
    bus::start(url, store.clone(), committed, PollIntervals { relaxed, eager })
}

fn warn_of_plain_text(address: SocketAddr, config: &Config) {
    let is_https = config.public_url.as_ref().is_some_and(Origin::is_https);
    if !address.ip().to_canonical().is_loopback() && !is_https {
        log::warn!(
            "listening on {address}, where others can reach it, without TLS: passwords, tokens and messages can be read on the \
             way. Put a proxy with TLS in front and set PARLOR_PUBLIC_URL=https://…"
        );
    }
}

/// Carries out operators' requests until the shutdown. The database is queried only when it may have changed.
async fn poll_operators(store: Store, mut changes: ChangeDetector) {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !changes.may_have_changed() {
            continue;
        }
        if let Err(refusal) = run_pending(&store).await {
            log::debug!("requests of operators could not be read: {}", refusal.code());
            changes.reset();
        }
    }
}

async fn save_budgets(accounts: AccountService) {
    let mut ticks = interval(BUDGETS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        accounts.save_budgets();
    }
}

fn serve_metrics(address: SocketAddr, services: Services, chat: Addr<ChatServer>) -> Result<ServerHandle, AppError> {
    let failed = |error| AppError::Listen(address, error);
    let listener = TcpListener::bind(address).map_err(failed)?;
    log::info!("metrics at http://{}/metrics", listener.local_addr().map_err(failed)?);
    let app = move || {
        actix_web::App::new()
            .wrap(from_fn(edge::finish_response))
            .app_data(web::Data::new(services.clone()))
            .app_data(web::Data::new(Chat(chat.clone())))
            .configure(http::metrics_routes)
    };
    let server = actix_web::HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(REQUESTS);
    let server = server.listen(listener).map_err(failed)?.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

fn serve(workers: WorkerFactory, listener: TcpListener, count: usize) -> std::io::Result<Server> {
    let factory = move || {
        let workers = workers.clone();
        let (context, chat) = workers.build();
        let transport = workers.transport.clone();
        let services = workers.services;
        let app = move || {
            // The gateway's routes come first: the REST scope answers for everything else below `/api/v1`.
            let app = actix_web::App::new()
                .wrap(from_fn(http::close_unread))
                .wrap(from_fn(edge::finish_response))
                .wrap(from_fn(http::bound_response))
                .app_data(web::Data::new(services.clone()))
                .app_data(web::Data::new(Chat(chat.clone())))
                .app_data(web::ThinData(Rc::clone(&context)))
                .configure(|routes| gateway::routes(routes, &services.config))
                .configure(|routes| http::routes(routes, &services.config));
            map_config(app, |()| AppConfig::default())
        };
        let upgrades = app.clone();
        let upgrade = actix_service::fn_factory(move || {
            let app = actix_service::ServiceFactory::new_service(&upgrades(), ());
            async move { app.await.map(Upgrade::new) }
        });
        let up = workers.up;
        let _ = up.send(());
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(Duration::from_secs(1))
            // A complete request is answered also after its client has half-closed. Long polls detect that themselves.
            .h1_allow_half_closed(true)
            .on_connect_ext(|io: &EdgeStream, data| {
                data.insert(io.half_close());
                data.insert(Arc::clone(io.connection()));
            })
            .upgrade(upgrade)
            .finish(app())
            .map_err(|error| log::debug!("a connection ended badly: {error}"));
        fn_service(move |io: TcpStream| {
            let peer = io.peer_addr().ok();
            let accepted = transport.accept(io);
            ready(accepted.map(|io| (EdgeStream::new(io), Protocol::Http1, peer)).ok_or(()))
        })
        .and_then(http)
    };
    let server = Server::build().workers(count).disable_signals().backlog(4_096).shutdown_timeout(REQUESTS);
    Ok(server.listen("parlor", listener, factory)?.run())
}

impl WorkerFactory {
    /// Sets up a worker's thread: its hub, and the ChatServer if it is the first.
    fn build(&self) -> (Rc<GatewayContext>, Addr<ChatServer>) {
        let chat = self.chat.get_or_init(|| self.start_chat()).clone();
        let hub = self.hubs.fetch_add(1, Ordering::Relaxed);
        let links = Rc::new(RefCell::new(Links::default()));
        let recipient = Hub::new(Rc::clone(&links)).start().recipient();
        // This thread's first message to the ChatServer, sent before those of any connection.
        #[allow(clippy::disallowed_methods)]
        chat.do_send(Attach { hub, recipient });
        let (services, admission) = (self.services.clone(), self.admission.clone());
        let context = GatewayContext::new(chat.clone(), services, (hub, links), admission, self.sessions.clone());
        (Rc::new(context), chat)
    }

    fn start_chat(&self) -> Addr<ChatServer> {
        let commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner).take();
        // `None` never happens: this runs once.
        let commits = commits.unwrap_or_else(|| unbounded_channel().1);
        ChatServer::new(&self.services, commits).start()
    }
}
