//! A client of a route that needs no login.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::edge::problem::Problem;
use crate::edge::{client, services};
use crate::rate_limit::Address;
use crate::service::Services;

pub(super) struct AnonymousClient {
    pub services: web::Data<Services>,
    /// By which failures and new accounts are counted.
    pub address: Address,
}

impl FromRequest for AnonymousClient {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let client = |services: &web::Data<Services>| Self {
            services: services.clone(),
            address: client::address(req, &services.config),
        };
        ready(services::of(req).map(client))
    }
}
