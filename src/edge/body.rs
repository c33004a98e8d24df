//! Request bodies, bounded in size and in time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::problem::Problem;
use super::services;
use crate::domain::Refusal;

const BODY_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct UnreadBody {
    payload: Payload,
    /// The `Content-Length`.
    announced: Option<usize>,
    /// Bytes; 0 is no limit.
    limit: usize,
}

impl UnreadBody {
    /// `limit` is in bytes, 0 is none.
    pub(crate) fn of(req: &HttpRequest, payload: Payload, limit: usize) -> Self {
        let length = req.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        // A length that is too large for a number is above every limit.
        let announced = length.map(|length| length.parse().unwrap_or(usize::MAX));
        Self { payload, announced, limit }
    }

    /// A body that is no longer than a frame.
    ///
    /// # Errors
    /// `internal` in an app that was built without its services.
    pub(crate) fn like_frame(req: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        Ok(Self::of(req, payload, services::of(req)?.config.limits.frame_bytes))
    }

    /// # Errors
    /// `too_large`; `invalid_request` where the body is not whole after ten seconds.
    pub(crate) async fn read(self) -> Result<Vec<u8>, Refusal> {
        self.fits(self.announced.unwrap_or_default())?;
        timeout(BODY_TIMEOUT, self.collect()).await.map_err(|_| Refusal::invalid("the body did not arrive in time"))?
    }

    async fn collect(mut self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::invalid("the body did not arrive whole"))?;
            self.fits(bytes.len().saturating_add(chunk.len()))?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn fits(&self, bytes: usize) -> Result<(), Refusal> {
        if self.limit > 0 && bytes > self.limit {
            Err(Refusal::TooLarge(format!("a body must have at most {} bytes", self.limit)))
        } else {
            Ok(())
        }
    }
}
