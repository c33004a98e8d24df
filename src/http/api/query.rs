//! Query parameters, and pages of lists. Like a body, a [`QueryParams`] is extracted unread: the login is checked first, and errors
//! in the query after it.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

use super::body::wrong;
use crate::domain::{NamePage, Page, Refusal};
use crate::edge::problem::Problem;

/// Unknown parameters are ignored.
pub(super) struct QueryParams<T> {
    text: String,
    expected: PhantomData<T>,
}

impl<T> FromRequest for QueryParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { text: req.query_string().to_owned(), expected: PhantomData }))
    }
}

impl<T: DeserializeOwned> QueryParams<T> {
    /// # Errors
    /// `invalid_request` naming the parameter.
    pub(super) fn read(self) -> Result<T, Problem> {
        let read = web::Query::<Traced<T>>::from_query(&self.text);
        let Traced(outcome) = read.map_err(|_| Refusal::invalid("the query cannot be read"))?.into_inner();
        Ok(outcome?)
    }
}

/// Keeps the parameter at which reading failed, which the error of [`web::Query`] does not have.
struct Traced<T>(Result<T, Refusal>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Traced<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(serde_path_to_error::deserialize(deserializer).map_err(|error| wrong("the query", &error))))
    }
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next` of the previous page; the first page without it.
    pub cursor: Option<String>,
}

impl Paging {
    pub(super) fn by_time(&self) -> Result<Page, Problem> {
        Ok(Page::parse(self.limit, self.cursor.as_deref())?)
    }

    pub(super) fn by_name(&self) -> Result<NamePage, Problem> {
        Ok(NamePage::parse(self.limit, self.cursor.as_deref())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Paging, Problem> {
        QueryParams { text: text.to_owned(), expected: PhantomData }.read()
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for text in ["limit=many", "limit=1.5", "limit=", "limit=1&limit=2"] {
            let Err(Problem(Refusal::Invalid(detail))) = read(text) else {
                panic!("{text} passes");
            };
            assert!(detail.contains("`limit`"), "{detail}");
        }
        assert!(read("").is_ok() && read("other=%zz&limit=7").is_ok_and(|paging| paging.limit == Some(7)));
    }
}
