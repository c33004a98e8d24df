//! Whoever asks, as an argument of a handler: a handler that takes a [`Caller`] is reached only by the logged-in.

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use crate::domain::{Identity, Refusal};
use crate::edge::problem::Problem;
use crate::edge::{auth, client, services};
use crate::rate_limit::Address;

/// A logged-in user within their rate.
pub(super) struct Caller {
    /// The user and the token that speaks for them.
    pub identity: Identity,
    /// The client's address, by which rates count.
    pub address: Address,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let services = match services::of(req) {
            Ok(services) => services.clone(),
            Err(problem) => return Box::pin(async { Err(problem) }),
        };
        let address = client::address(req, &services.config);
        let identify = auth::identify(req, &services);
        Box::pin(async move {
            let identity = identify.await?.ok_or(Refusal::Unauthenticated)?;
            services.requests.take(identity.user.id).map_err(Refusal::RateLimited)?;
            Ok(Self { identity, address })
        })
    }
}

/// Who asks for something that also those may know who are not logged in.
pub(super) struct MaybeCaller {
    /// Who, within their rate; `None` without a login.
    pub identity: Option<Identity>,
    /// The client's address, by which rates count.
    pub address: Address,
}

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let services = match services::of(req) {
            Ok(services) => services.clone(),
            Err(problem) => return Box::pin(async { Err(problem) }),
        };
        let address = client::address(req, &services.config);
        let has_header = req.headers().contains_key(AUTHORIZATION);
        let identify = auth::identify(req, &services);
        Box::pin(async move {
            let identity = match identify.await {
                // A browser sends the cookie of an expired login by itself; whoever sets a header means it.
                Err(Refusal::Unauthenticated) if !has_header => None,
                identity => identity?,
            };
            if let Some(identity) = &identity {
                services.requests.take(identity.user.id).map_err(Refusal::RateLimited)?;
            }
            Ok(Self { identity, address })
        })
    }
}
