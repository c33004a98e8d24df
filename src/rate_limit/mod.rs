//! Rate limits, and the addresses by which they count. What each request and command costs is in [`RateClass`] and [`Cost`];
//! the [`Limiter`] counts it.

mod address;
mod attempts;
mod bucket;
mod forwarded;
mod limiter;
mod log_throttle;
mod name_lookups;
mod rate_class;
mod room_codes;
mod saved;
mod throttle;

pub(crate) use address::{Address, Network};
pub(crate) use attempts::Attempts;
pub(crate) use bucket::{Bucket, Rate};
pub(crate) use forwarded::{ForwardedHeader, forwarded, x_forwarded_for};
pub(crate) use limiter::{Limiter, UserRates};
pub(crate) use log_throttle::LogThrottle;
pub(crate) use name_lookups::NameLookups;
pub(crate) use rate_class::{Cost, RateClass};
pub(crate) use room_codes::RoomCodeGuesses;
pub(crate) use saved::{Saved, SavedKey};
pub(crate) use throttle::Throttle;
