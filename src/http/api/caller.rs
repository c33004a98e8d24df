//! The user of a request, as an argument of a handler: a handler that takes a [`Caller`] is reached only by the logged-in, and
//! only within their rate of requests. What the route costs beyond that is counted by [`Caller::admit`].

use actix_web::dev::Payload;
use actix_web::guard::{Guard, fn_guard};
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use crate::chat::Chat;
use crate::domain::{Identity, Refusal};
use crate::edge::problem::Problem;
use crate::edge::{auth, client, services};
use crate::rate_limit::{Address, Cost, RateClass};
use crate::service::Services;

pub(super) struct Caller {
    identity: Identity,
    pub address: Address,
    pub services: web::Data<Services>,
    pub chat: web::Data<Chat>,
    cost: Cost,
}

impl Caller {
    /// The identity for a service, within the rate of the route's class. To be called when the request is known to be well
    /// formed and just before the service is: a malformed one costs a request and nothing more.
    ///
    /// # Errors
    /// Those of [`Limiter::admit`](crate::rate_limit::Limiter::admit).
    pub(super) fn admit(&self) -> Result<&Identity, Refusal> {
        self.services.limiter.admit(self.identity.user.id, self.address, self.cost)?;
        Ok(&self.identity)
    }
}

/// Where a request does not need a login.
pub(super) struct MaybeCaller(pub Option<Caller>);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = identify(req, true);
        Box::pin(async { Ok(caller.await?.ok_or(Refusal::Unauthenticated)?) })
    }
}

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        // A browser sends the cookie of an expired login by itself; a header is sent on purpose.
        let caller = identify(req, req.headers().contains_key(AUTHORIZATION));
        Box::pin(async { caller.await.map(Self) })
    }
}

/// Counts the request of a user. An invalid login is refused where it `is_strict`, and ignored otherwise.
fn identify(req: &HttpRequest, is_strict: bool) -> LocalBoxFuture<'static, Result<Option<Caller>, Problem>> {
    let (services, chat) = match services::of(req).cloned() {
        Ok(services) => (services, req.app_data::<web::Data<Chat>>().cloned()),
        Err(problem) => return Box::pin(async { Err(problem) }),
    };
    let address = client::address(req, &services.config);
    let session = req.match_info().get("id").and_then(|id| id.parse().ok());
    let cost = req.extensions().get().map(|class| Cost { class: *class, session });
    let identifying = auth::identify(req, &services);
    Box::pin(async move {
        let identity = match identifying.await {
            Err(Refusal::Unauthenticated) if !is_strict => None,
            identity => identity?,
        };
        let Some(identity) = identity else { return Ok(None) };
        services.limiter.request(identity.user.id)?;
        let (Some(cost), Some(chat)) = (cost, chat) else {
            log::error!("a route without a rate class, or an app without a ChatServer");
            return Err(Problem(Refusal::Internal));
        };
        Ok(Some(Caller { identity, address, services, chat, cost }))
    })
}

/// Gives every request of a route its class; a guard that lets all of them through.
pub(super) fn rated(class: RateClass) -> impl Guard {
    fn_guard(move |context| {
        context.req_data_mut().insert(class);
        true
    })
}
