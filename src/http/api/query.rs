//! What a client asks for behind the `?`, and the pages of lists.
//!
//! Like a body, a [`Query`] is extracted unread, so that a stranger hears that they are one and not what they wrote wrong.

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

/// Parameters that are yet to be read. Unknown ones are ignored.
pub(super) struct Query<T> {
    text: String,
    expected: PhantomData<T>,
}

impl<T> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { text: req.query_string().to_owned(), expected: PhantomData }))
    }
}

impl<T: DeserializeOwned> Query<T> {
    /// The parameters.
    ///
    /// # Errors
    /// `invalid_request` naming the parameter.
    pub(super) fn read(self) -> Result<T, Problem> {
        let read = web::Query::<Traced<T>>::from_query(&self.text);
        let Traced(outcome) = read.map_err(|_| Refusal::invalid("the query cannot be read"))?.into_inner();
        Ok(outcome?)
    }
}

/// Remembers at which parameter reading stopped, which the error of [`web::Query`] does not say.
struct Traced<T>(Result<T, Refusal>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Traced<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(serde_path_to_error::deserialize(deserializer).map_err(|error| wrong("the query", &error))))
    }
}

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// What `next` of the last page said; the beginning without it.
    pub cursor: Option<String>,
}

impl Paging {
    /// For lists that are ordered by time.
    ///
    /// # Errors
    /// `invalid_request` naming the parameter.
    pub(super) fn by_time(&self) -> Result<Page, Problem> {
        Ok(Page::parse(self.limit, self.cursor.as_deref())?)
    }

    /// For lists that are ordered by name.
    ///
    /// # Errors
    /// `invalid_request` naming the parameter.
    pub(super) fn by_name(&self) -> Result<NamePage, Problem> {
        Ok(NamePage::parse(self.limit, self.cursor.as_deref())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Paging, Problem> {
        Query { text: text.to_owned(), expected: PhantomData }.read()
    }

    #[test]
    fn what_is_wrong_is_named() {
        for text in ["limit=many", "limit=1.5", "limit=", "limit=1&limit=2"] {
            let Err(Problem(Refusal::Invalid(detail))) = read(text) else {
                panic!("{text} passes");
            };
            assert!(detail.contains("`limit`"), "{detail}");
        }
        assert!(read("").is_ok() && read("other=%zz&limit=7").is_ok_and(|paging| paging.limit == Some(7)));
    }
}
