//! A temporary folder, which is removed on drop, with the database that belongs to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A fresh, empty folder, removed on drop; its database on PostgreSQL (`Database::of`) is dropped then.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("parlor-test-{}-{number}", process::id()));
        // A folder of that name can only be left over from a killed run whose process id came back.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder can be made");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        super::database::forget(&self.0);
        let _ = fs::remove_dir_all(&self.0);
    }
}
