//! A set of hubs, one bit each.

#[derive(Clone, Copy, Default)]
pub(super) struct HubSet(u128);

impl HubSet {
    pub(super) const ALL: Self = Self(u128::MAX);

    pub(super) fn add(&mut self, hub: usize) {
        self.0 |= bit(hub);
    }

    pub(super) fn has(self, hub: usize) -> bool {
        self.0 & bit(hub) != 0
    }
}

fn bit(hub: usize) -> u128 {
    u32::try_from(hub).ok().and_then(|hub| 1_u128.checked_shl(hub)).unwrap_or(0)
}
