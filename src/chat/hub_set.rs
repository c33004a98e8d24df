//! A set of hubs.

/// The hubs that a batch is sent to; one bit each.
#[derive(Clone, Copy, Default)]
pub(super) struct HubSet(u128);

impl HubSet {
    pub(super) const ALL: Self = Self(u128::MAX);

    pub(super) fn add(&mut self, hub: usize) {
        self.0 |= u32::try_from(hub).ok().and_then(|hub| 1_u128.checked_shl(hub)).unwrap_or(0);
    }

    pub(super) fn has(self, hub: usize) -> bool {
        u32::try_from(hub).ok().and_then(|hub| 1_u128.checked_shl(hub)).is_some_and(|bit| self.0 & bit != 0)
    }
}
