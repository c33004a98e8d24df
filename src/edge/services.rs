//! The services that an app is built with.

use actix_web::{HttpRequest, web};

use super::problem::Problem;
use crate::domain::Refusal;
use crate::service::Services;

/// `internal` in an app that was built without them.
pub(crate) fn of(req: &HttpRequest) -> Result<&web::Data<Services>, Problem> {
    req.app_data::<web::Data<Services>>().ok_or_else(|| {
        log::error!("the app was built without its services");
        Problem(Refusal::Internal)
    })
}
