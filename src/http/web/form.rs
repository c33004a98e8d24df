//! The room-code form for browsers without script: a guest enters a room by its code, or a new one. A refused form is shown again
//! with its input and the error.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};

use super::files::template;
use super::page_headers::passing;
use crate::config::{Config, Switch};
use crate::domain::Refusal;
use crate::edge::body::UnreadBody;
use crate::edge::cookies::{ROOM_COOKIE, token_cookie};
use crate::edge::problem::Problem;
use crate::edge::{client, origin};
use crate::http::html::{escape, render};
use crate::metrics;
use crate::service::Services;
use crate::service::accounts::{NewLogin, RoomChoice};

/// In bytes; the longest name and code need a tenth of it.
const LIMIT: usize = 8 * 1_024;
/// Characters of the input that are shown again.
const SHOWN: usize = 100;

#[derive(Debug, Default)]
pub(super) struct RoomForm {
    name: String,
    code: String,
    creates: bool,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Code,
    /// Not an error of the input.
    Neither,
}

#[derive(Debug)]
struct Fault {
    field: Field,
    message: String,
    status: StatusCode,
    /// Seconds until a retry makes sense.
    wait: Option<u64>,
}

/// # Errors
/// `too_large`, and `invalid_request` for a form that does not arrive.
pub(super) async fn enter(
    req: HttpRequest,
    services: web::Data<Services>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = UnreadBody::of(&req, payload.into_inner(), LIMIT).read().await?;
    let mut form = RoomForm::parse(&String::from_utf8_lossy(&body));
    match form.submit(&req, &services).await {
        Ok(login) => {
            let cookie = token_cookie(&services.config, ROOM_COOKIE, &login.secret);
            Ok(passing(StatusCode::SEE_OTHER).insert_header((LOCATION, "/room")).cookie(cookie).finish())
        }
        Err(fault) => {
            let mut response = passing(fault.status);
            if let Some(wait) = fault.wait {
                response.insert_header((RETRY_AFTER, wait));
            }
            form.fault = Some(fault);
            let form = form.show(&services.config);
            Ok(response.body(render(&template("plain.html"), |_| form.clone())))
        }
    }
}

impl RoomForm {
    pub(super) fn with_code(code: String) -> Self {
        Self { code, ..Self::default() }
    }

    fn parse(body: &str) -> Self {
        let fields =
            web::Query::<Vec<(String, String)>>::from_query(body).map(web::Query::into_inner).unwrap_or_default();
        let field = |requested: &str| fields.iter().find(|(name, _)| name == requested).map(|(_, value)| value.clone());
        Self {
            name: field("name").unwrap_or_default(),
            code: field("code").unwrap_or_default(),
            creates: field("create").is_some(),
            fault: None,
        }
    }

    async fn submit(&self, req: &HttpRequest, services: &Services) -> Result<NewLogin, Fault> {
        origin::check_form(req, &services.config).map_err(|_| Fault::foreign())?;
        if self.name.trim().is_empty() {
            return Err(Fault::new(Field::Name, "Enter a name others will see"));
        }
        let choice = match self.code.trim() {
            _ if self.creates => RoomChoice::Create,
            "" => return Err(Fault::new(Field::Code, "Enter a room code, or create a room.")),
            code => RoomChoice::Join(code.to_owned()),
        };
        let from = client::address(req, &services.config);
        services.accounts.room_guest(&self.name, choice, from).await.map_err(Fault::from)
    }

    /// The form as HTML, or a note where there are no guests.
    pub(super) fn show(&self, config: &Config) -> String {
        let fault = |field: Field| self.fault.as_ref().filter(|fault| fault.field == field);
        let name = if config.guests == Switch::On { "form.html" } else { "closed.html" };
        render(&template(name), |place| match place {
            "fault" => fault(Field::Neither).map(Fault::show).unwrap_or_default(),
            "name" => shown(&self.name),
            "name.marks" => fault(Field::Name).map(|_| INVALID.to_owned()).unwrap_or_default(),
            "name.fault" => fault(Field::Name).map(Fault::show).unwrap_or_default(),
            "code" => shown(&self.code),
            "code.marks" => fault(Field::Code).map(|_| INVALID.to_owned()).unwrap_or_default(),
            "code.fault" => fault(Field::Code).map(Fault::show).unwrap_or_default(),
            _ => String::new(),
        })
    }
}

/// Attributes of the field with the error.
const INVALID: &str = " aria-invalid=\"true\" aria-describedby=\"fault\" autofocus";

fn shown(input: &str) -> String {
    escape(&input.chars().take(SHOWN).collect::<String>())
}

impl Fault {
    /// An error that other input corrects.
    fn new(field: Field, message: impl Into<String>) -> Self {
        Self { field, message: message.into(), status: StatusCode::OK, wait: None }
    }

    fn foreign() -> Self {
        let message = "This form was sent from another site, or your browser does not say from which one. Nothing was done. \
                     To continue, send it again from this page.";
        Self { status: StatusCode::FORBIDDEN, ..Self::new(Field::Neither, message) }
    }

    fn later(status: StatusCode, wait: Option<u64>, message: &str) -> Self {
        let wait = wait.map(|wait| wait.div_ceil(1_000));
        let when = wait.map_or_else(|| "in a moment".to_owned(), duration);
        Self { status, wait, ..Self::new(Field::Neither, format!("{message} Try again {when}.")) }
    }

    fn show(&self) -> String {
        format!("<p id=\"fault\" class=\"error-text\" role=\"alert\">{}</p>", escape(&self.message))
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        metrics::REFUSALS.count(refusal.code());
        let wait = refusal.retry_after_ms();
        match refusal {
            Refusal::Invalid(_) => Self::new(
                Field::Name,
                "A name needs visible characters, at most 32, and none that change the direction of the text.",
            ),
            Refusal::UsernameTaken => Self::new(Field::Name, "That name is already taken in this room."),
            Refusal::UnknownRoom => {
                Self::new(Field::Code, "No room has this code. It may have been replaced, or the room has ended.")
            }
            Refusal::LimitReached(_) => Self::new(Field::Code, "The room is full."),
            Refusal::Forbidden(why) => Self::new(Field::Neither, why),
            Refusal::TooManyAttempts(_) => Self::later(StatusCode::TOO_MANY_REQUESTS, wait, "Too many wrong codes."),
            Refusal::RateLimited(_) => {
                Self::later(StatusCode::TOO_MANY_REQUESTS, wait, "Too many people have joined from your network.")
            }
            Refusal::Busy | Refusal::Unavailable => {
                Self::later(StatusCode::SERVICE_UNAVAILABLE, wait, "The server is overloaded.")
            }
            _ => Self::later(StatusCode::INTERNAL_SERVER_ERROR, wait, "Something went wrong on the server."),
        }
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..=1 => "in a second".to_owned(),
        2..=90 => format!("in {seconds} seconds"),
        _ => format!("in {} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let form = RoomForm::parse("name=%D0%97%D0%BE%D1%8F+%3Cb%3E&code=ab-c&create=");
        assert_eq!((form.name.as_str(), form.code.as_str(), form.creates), ("Зоя <b>", "ab-c", true));
        for odd in ["", "&&=&name", "name=%zz", "{}"] {
            assert!(!RoomForm::parse(odd).creates, "{odd}");
        }
    }

    #[test]
    fn input_is_shown_as_text() {
        let config = Config::parse_from(["parlor"]);
        let fault = Some(Fault::new(Field::Code, "No & no."));
        let typed = "\"><script>{{name.fault}}'".to_owned();
        let html = RoomForm { name: typed.clone(), code: typed, creates: false, fault }.show(&config);
        assert_eq!(html.matches("&quot;&gt;&lt;script&gt;{{name.fault}}&#39;").count(), 2);
        assert_eq!(html.matches("No &amp; no.").count(), 1);
        assert_eq!(html.matches("aria-invalid").count(), 1);
    }

    #[test]
    fn waiting_times_are_readable() {
        for (seconds, text) in [(0, "in a second"), (2, "in 2 seconds"), (91, "in 2 minutes")] {
            assert_eq!(duration(seconds), text);
        }
    }
}
