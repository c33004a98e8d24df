//! The identity of the database's history, which changes when a failover or a restored backup may have lost commits.

use std::sync::{Arc, PoisonError, RwLock};

/// The present epoch. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Epoch(Arc<RwLock<Arc<str>>>);

impl Epoch {
    pub(crate) fn new(epoch: &str) -> Self {
        Self(Arc::new(RwLock::new(epoch.into())))
    }

    pub(crate) fn get(&self) -> Arc<str> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces it; true where it differs.
    pub(crate) fn replace(&self, epoch: &str) -> bool {
        let mut present = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let differs = **present != *epoch;
        if differs {
            *present = epoch.into();
        }
        differs
    }
}
