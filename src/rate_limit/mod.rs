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

pub use address::{Address, Network};
pub use attempts::{Attempt, Attempts};
pub use bucket::{Bucket, Rate};
pub use forwarded::{ForwardedHeader, forwarded, x_forwarded_for};
pub use misses::Misses;
pub use names::Names;
pub use notices::Notices;
pub use saved::{Saved, SavedKey};
pub use sends::Sends;
pub use throttle::Throttle;
