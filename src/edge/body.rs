//! What comes behind the head of a request: read whole, bounded in size and in time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::domain::Refusal;

/// A body must have arrived after so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that is yet to be read.
pub(crate) struct Unread {
    payload: Payload,
    /// What `Content-Length` says.
    announced: Option<usize>,
    /// Bytes; 0 is no limit.
    limit: usize,
}

impl Unread {
    /// The body of this request, of at most `limit` bytes; 0 is no limit.
    pub(crate) fn of(req: &HttpRequest, payload: Payload, limit: usize) -> Self {
        let length = req.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        // A length that no number holds is above every limit.
        let announced = length.map(|length| length.parse().unwrap_or(usize::MAX));
        Self { payload, announced, limit }
    }

    /// The body, once it is here.
    ///
    /// # Errors
    /// `too_large`; `invalid_request` for one that has not arrived whole after ten seconds.
    pub(crate) async fn read(self) -> Result<Vec<u8>, Refusal> {
        self.fits(self.announced.unwrap_or_default())?;
        timeout(PATIENCE, self.collect()).await.map_err(|_| Refusal::invalid("the body did not arrive in time"))?
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
