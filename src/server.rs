//! The only place where parts meet: opens the store, starts the workers with a hub each and the ChatServer on the first of
//! them, mounts the routes, and stops everything in order. Port 0 is welcome, so tests open the same app.

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
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};

use crate::chat::{Attach, Chat, ChatServer, Outlet};
use crate::config::{Config, Origin};
use crate::domain::Disconnect;
use crate::edge::http_connections::Transport;
use crate::edge::{self, EdgeStream};
use crate::gateway::{self, Admission, Connection, GatewayContext, Hub, Links, Sessions, Upgrade};
use crate::http;
use crate::service::Services;
use crate::service::accounts::Accounts;
use crate::store::{Glance, StartError, Store};

/// A request's head must be here by then.
const HEAD: Duration = Duration::from_secs(5);
/// An idle connection is kept so long for the next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Connections whose close frame is not taken by then are cut.
const GOODBYES: Duration = Duration::from_millis(2_200);
/// The thread that accepts connections takes up a pause within this time.
const PAUSE: Duration = Duration::from_millis(20);
/// The whole stop.
const STOP: Duration = Duration::from_millis(4_700);
/// What operators ask for is looked at so often.
const OPERATORS: Duration = Duration::from_millis(200);
/// Failure budgets are saved so often, if they have changed: a crash forgets the failures of this time.
const BUDGETS: Duration = Duration::from_secs(1);
/// Requests under way at the stop are given so many seconds.
const REQUESTS: u64 = 1;

/// A running Parlor.
pub struct App {
    address: SocketAddr,
    /// The listening socket, shared with the accepting thread.
    listener: TcpListener,
    store: Store,
    waiting: Admission,
    outlet: UnboundedSender<Outlet>,
    handle: ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    orders: tokio::task::JoinHandle<()>,
    saving: tokio::task::JoinHandle<()>,
    accounts: Accounts,
    metrics: Option<ServerHandle>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StartError),
    /// The address.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The threads.
    #[error("cannot start the workers: {0}")]
    Workers(std::io::Error),
}

/// What every worker is built from. The ChatServer is started by the first that comes, on its thread: a message then
/// walks from a socket to the ChatServer and back without waking another thread.
#[derive(Clone)]
struct Plan {
    services: Services,
    waiting: Admission,
    sessions: Sessions<Connection>,
    transport: Transport,
    chat: Arc<OnceLock<Addr<ChatServer>>>,
    commits: Arc<Mutex<Option<UnboundedReceiver<Outlet>>>>,
    hubs: Arc<AtomicUsize>,
    up: UnboundedSender<()>,
}

impl App {
    /// Opens the store and starts serving; once this returns, requests are answered.
    ///
    /// # Errors
    /// Says what stands in the way.
    pub async fn start(config: Config) -> Result<Self, AppError> {
        let config = Arc::new(config);
        let (outlet, commits) = unbounded_channel();
        let sink = outlet.clone();
        let sink = Box::new(move |deliveries, lost| {
            // Without a ChatServer there is nobody to tell.
            let _ = sink.send(Outlet::Committed { deliveries, lost });
        });
        // Before anything is made: a port that is taken leaves no database behind.
        let listener = TcpListener::bind(config.listen).map_err(|error| AppError::Listen(config.listen, error))?;
        let store = Store::open(&config, sink)?;
        let address = listener.local_addr().map_err(|error| AppError::Listen(config.listen, error))?;
        let accepting = listener.try_clone().map_err(|error| AppError::Listen(config.listen, error))?;
        let limits = &config.limits;
        let waiting = Admission::new(limits.hello_per_address, limits.hello_total, limits.user_connections);
        warn_of_plain_text(address, &config);
        let (up, mut is_up) = unbounded_channel();
        let services = Services::new(store.clone(), Arc::clone(&config)).map_err(AppError::Workers)?;
        let (accounts, monitored) = (services.accounts.clone(), services.clone());
        if let Err(refusal) = accounts.restore_budgets().await {
            log::error!("failure budgets start anew: {}", refusal.code());
        }
        let plan = Plan {
            services,
            waiting: waiting.clone(),
            sessions: Sessions::default(),
            transport: Transport::new(Arc::clone(&config)),
            chat: Arc::default(),
            commits: Arc::new(Mutex::new(Some(commits))),
            hubs: Arc::default(),
            up,
        };
        let hall = Arc::clone(&plan.chat);
        let server = serve(plan, accepting, config.workers).map_err(AppError::Workers)?;
        let handle = server.handle();
        let server = actix_web::rt::spawn(server);
        for _ in 0..config.workers {
            if timeout(Duration::from_secs(10), is_up.recv()).await.is_err() {
                return Err(AppError::Workers(std::io::Error::other("a worker does not come up")));
            }
        }
        let metrics = match (config.metrics_listen, hall.get()) {
            (Some(address), Some(chat)) => Some(serve_metrics(address, monitored, chat.clone())?),
            _ => None,
        };
        let orders = actix_web::rt::spawn(obey_operators(accounts.clone(), store.glance()));
        let saving = actix_web::rt::spawn(save_budgets(accounts.clone()));
        Ok(Self { address, listener, store, waiting, outlet, handle, server, orders, saving, accounts, metrics })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops politely: nothing new is accepted, what was accepted is finished, every connection is told to come back. Ends
    /// within five seconds, whatever the disk does.
    pub async fn stop(self) {
        let end = Instant::now() + STOP;
        self.waiting.close();
        self.orders.abort();
        self.handle.pause().await;
        // Pausing leaves the kernel accepting into the backlog; this refuses new connections from here on. The thread that
        // accepts does not confirm the pause, and would log an error if the socket were shut down before.
        sleep(PAUSE).await;
        if let Err(error) = socket2::SockRef::from(&self.listener).shutdown(Shutdown::Both) {
            log::debug!("the listening socket is not shut down: {error}");
        }
        // Every answer that is due is then on its way; the goodbye goes behind it in the same stream.
        let _ = timeout_at(end - GOODBYES, self.store.writer().drain()).await;
        let _ = self.outlet.send(Outlet::Close(Disconnect::Restart));
        let goodbyes = (Instant::now() + GOODBYES).min(end);
        while self.waiting.live() > 0 && Instant::now() < goodbyes {
            sleep(Duration::from_millis(10)).await;
        }
        if let Some(metrics) = self.metrics {
            let _ = timeout_at(end, metrics.stop(false)).await;
        }
        let _ = timeout_at(end, self.handle.stop(true)).await;
        let _ = timeout_at(end, self.server).await;
        self.saving.abort();
        self.accounts.save_budgets();
        // Requests that ended meanwhile may have written, and so has the ChatServer, of who was here.
        let _ = timeout_at(end, self.store.writer().close()).await;
    }
}

/// Whoever can be reached by others and knows of no TLS in front is told what that means.
fn warn_of_plain_text(address: SocketAddr, config: &Config) {
    let is_https = config.public_url.as_ref().is_some_and(Origin::is_https);
    if !address.ip().to_canonical().is_loopback() && !is_https {
        log::warn!(
            "listening on {address}, where others can reach it, without TLS: passwords, tokens and messages can be read on the \
             way. Put a proxy with TLS in front and set PARLOR_PUBLIC_URL=https://…"
        );
    }
}

/// Carries out what operators ask for, for as long as the server runs. The database is asked only where somebody may have
/// written to it.
async fn obey_operators(accounts: Accounts, mut glance: Glance) {
    let mut ticks = interval(OPERATORS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !glance.is_due() {
            continue;
        }
        if let Err(refusal) = accounts.obey_operators().await {
            log::debug!("requests of operators could not be read: {}", refusal.code());
            glance.again();
        }
    }
}

/// Keeps what failed logins and lookups have used of their budgets, for as long as the server runs.
async fn save_budgets(accounts: Accounts) {
    let mut ticks = interval(BUDGETS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        accounts.save_budgets();
    }
}

/// Answers `/metrics` on an address of its own.
fn serve_metrics(address: SocketAddr, services: Services, chat: Addr<ChatServer>) -> Result<ServerHandle, AppError> {
    let failed = |error| AppError::Listen(address, error);
    let listener = TcpListener::bind(address).map_err(failed)?;
    log::info!("metrics at http://{}/metrics", listener.local_addr().map_err(failed)?);
    let app = move || {
        actix_web::App::new()
            .wrap(from_fn(edge::finish))
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

fn serve(plan: Plan, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let factory = move || {
        let plan = plan.clone();
        let (context, chat) = plan.move_in();
        let transport = plan.transport.clone();
        let app = {
            let (services, context, chat) = (plan.services, context, chat);
            move || {
                let (services, context, chat) = (services.clone(), Rc::clone(&context), chat.clone());
                // The gateway's routes come first: the REST scope answers for everything else below `/api/v1`.
                let config = Arc::clone(&services.config);
                let app = actix_web::App::new()
                    .wrap(from_fn(http::close_unread))
                    .wrap(from_fn(edge::finish))
                    .wrap(from_fn(http::bound_response))
                    .app_data(web::Data::new(services))
                    .app_data(web::Data::new(Chat(chat)))
                    .app_data(web::ThinData(context))
                    .configure(|routes| gateway::routes(routes, &config))
                    .configure(|routes| http::routes(routes, &config));
                map_config(app, |()| AppConfig::default())
            }
        };
        let upgrades = app.clone();
        let upgrade = actix_service::fn_factory(move || {
            let app = actix_service::ServiceFactory::new_service(&upgrades(), ());
            async move { app.await.map(Upgrade::new) }
        });
        let up = plan.up;
        let _ = up.send(());
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(Duration::from_secs(1))
            // A request that is whole is answered, also where its client sends no more. A poll notices by itself.
            .h1_allow_half_closed(true)
            .on_connect_ext(|io: &EdgeStream, data| {
                data.insert(io.hangup());
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
    let server = Server::build().workers(workers).disable_signals().backlog(4_096).shutdown_timeout(REQUESTS);
    Ok(server.listen("parlor", listener, factory)?.run())
}

impl Plan {
    /// Sets a worker's thread up: its hub, and the ChatServer if it is the first.
    fn move_in(&self) -> (Rc<GatewayContext>, Addr<ChatServer>) {
        let chat = self.chat.get_or_init(|| self.open_hall()).clone();
        let hub = self.hubs.fetch_add(1, Ordering::Relaxed);
        let links = Rc::new(RefCell::new(Links::default()));
        let recipient = Hub::new(Rc::clone(&links)).start().recipient();
        // The first thing this thread says to the ChatServer, so it stands before any of its connections.
        #[allow(clippy::disallowed_methods)]
        chat.do_send(Attach { hub, recipient });
        let (services, waiting) = (self.services.clone(), self.waiting.clone());
        let context = GatewayContext::new(chat.clone(), services, (hub, links), waiting, self.sessions.clone());
        (Rc::new(context), chat)
    }

    fn open_hall(&self) -> Addr<ChatServer> {
        let commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner).take();
        // `None` never happens: this runs once.
        let commits = commits.unwrap_or_else(|| unbounded_channel().1);
        ChatServer::new(&self.services, commits).start()
    }
}
