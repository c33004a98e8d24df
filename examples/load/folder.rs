//! The folder of a started server: its database lies there for as long as the program runs.

use std::path::{Path, PathBuf};

use crate::trouble::Trouble;

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one, named after this process and its `number` among the process's own.
    pub fn new(within: PathBuf, number: usize) -> Result<Self, Trouble> {
        let folder = within.join(format!("parlor-load-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).map_err(Trouble::system(folder.display().to_string()))?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
