//! Rates and the addresses they are counted by. Plain values without a clock: `now` is an argument.

mod address;
mod attempts;
mod bucket;
mod forwarded;
mod misses;
mod names;
mod notices;
mod saved;
mod sends;
mod throttle;

pub(crate) use address::{Address, Network};
pub(crate) use attempts::Attempts;
pub(crate) use bucket::{Bucket, Rate};
pub(crate) use forwarded::{ForwardedHeader, forwarded, x_forwarded_for};
pub(crate) use misses::Misses;
pub(crate) use names::Names;
pub(crate) use notices::Notices;
pub(crate) use saved::{Saved, SavedKey};
pub(crate) use sends::Sends;
pub(crate) use throttle::Throttle;
