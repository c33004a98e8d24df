//! Whoever asks, as an argument of a handler: a handler that takes a [`Caller`] is reached only by the logged-in.

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use crate::desks::Desks;
use crate::limits::Address;
use crate::model::{Identity, Refusal};
use crate::problem::Problem;
use crate::visitor;

/// A logged-in user within their rate.
pub struct Caller {
    /// Who.
    pub identity: Identity,
    /// From where.
    pub address: Address,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(desks) = req.app_data::<web::Data<Desks>>().cloned() else {
            log::error!("the desks were not handed to the REST door");
            return Box::pin(async { Err(Problem(Refusal::Internal)) });
        };
        let address = visitor::address(req, &desks.config);
        let identify = visitor::identify(req, &desks);
        Box::pin(async move {
            let identity = identify.await?.ok_or(Refusal::Unauthenticated)?;
            desks.requests.take(identity.user.id).map_err(Refusal::RateLimited)?;
            Ok(Self { identity, address })
        })
    }
}

/// Who asks for something that also those may know who are not logged in.
pub struct MaybeCaller {
    /// Who, within their rate; `None` without a login.
    pub identity: Option<Identity>,
    /// From where.
    pub address: Address,
}

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(desks) = req.app_data::<web::Data<Desks>>().cloned() else {
            log::error!("the desks were not handed to the REST door");
            return Box::pin(async { Err(Problem(Refusal::Internal)) });
        };
        let address = visitor::address(req, &desks.config);
        let has_header = req.headers().contains_key(AUTHORIZATION);
        let identify = visitor::identify(req, &desks);
        Box::pin(async move {
            let identity = match identify.await {
                // A browser sends the cookie of an expired login by itself; whoever sets a header means it.
                Err(Refusal::Unauthenticated) if !has_header => None,
                identity => identity?,
            };
            if let Some(identity) = &identity {
                desks.requests.take(identity.user.id).map_err(Refusal::RateLimited)?;
            }
            Ok(Self { identity, address })
        })
    }
}
