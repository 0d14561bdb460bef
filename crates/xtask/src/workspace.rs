//! The workspace on disk: its root, its crates and their files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Failure;

/// A checkout of Elder.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// The workspace that the present folder belongs to.
    pub(crate) fn find() -> Result<Self, Failure> {
        let here = std::env::current_dir()?;
        let root = here.ancestors().find(|folder| {
            fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
        });
        let root = root.ok_or("call this from within the repository")?;
        Ok(Self { root: root.to_owned() })
    }

    /// The text of a file, whose name goes from the root.
    pub(crate) fn read(&self, file: &str) -> Result<String, Failure> {
        let path = self.root.join(file);
        fs::read_to_string(&path).map_err(|error| format!("{file} cannot be read: {error}").into())
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Failure> {
        let path = self.root.join(file);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{file} cannot be written: {error}").into())
    }

    /// Whether there is such a file or folder.
    pub(crate) fn has(&self, file: &str) -> bool {
        self.root.join(file).exists()
    }

    /// The names in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let mut names: Vec<_> = fs::read_dir(self.root.join(folder))
            .map_err(|error| format!("{folder} cannot be read: {error}"))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<std::io::Result<_>>()?;
        names.sort();
        Ok(names)
    }

    /// The folders of the crates.
    pub(crate) fn crates(&self) -> Result<Vec<String>, Failure> {
        let mut names = self.names("crates")?;
        names.retain(|name| self.has(&format!("crates/{name}/Cargo.toml")));
        Ok(names)
    }

    /// The migrations in the order of their versions.
    pub(crate) fn migrations(&self) -> Result<Vec<String>, Failure> {
        let mut files = self.names("migrations")?;
        files.retain(|name| migration_version(name).is_some());
        files.sort_by_key(|name| migration_version(name));
        Ok(files)
    }

    /// Every Rust file of the crates as (name from the root, text), sorted.
    pub(crate) fn rust_files(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut paths = Vec::new();
        for krate in self.crates()? {
            for folder in ["src", "tests", "benches", "examples"] {
                collect(&self.root.join("crates").join(&krate).join(folder), &mut paths)?;
            }
        }
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let name = path.strip_prefix(&self.root)?.to_string_lossy().replace('\\', "/");
            let text = self.read(&name)?;
            files.push((name, text));
        }
        Ok(files)
    }
}

/// The version in a name such as `V1__foundation.sql`.
pub(crate) fn migration_version(name: &str) -> Option<u32> {
    name.strip_prefix('V')?.strip_suffix(".sql")?.split_once("__")?.0.parse().ok()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}
