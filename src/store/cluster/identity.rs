//! Which node this process is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::NodeId;

/// The id of this node, which changes where the other nodes have taken it for dead. Clones share it. Always the same on SQLite,
/// which has one node.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeIdentity(Arc<AtomicI64>);

impl NodeIdentity {
    pub(crate) fn get(&self) -> NodeId {
        NodeId(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn set(&self, node: NodeId) {
        self.0.store(node.0, Ordering::Relaxed);
    }
}
