//! Finds the PostgreSQL programs that are installed on the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// The oldest major version Elder is tested with.
const OLDEST: u32 = 15;

/// Where Debian and its kin keep one folder for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with `postgres` and `initdb` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    version: u32,
    folder: PathBuf,
}

impl Programs {
    /// The newest version that is not older than [`OLDEST`].
    pub(super) fn newest(named: Option<&Path>) -> Result<Self, Error> {
        let newest = candidates(named).into_iter().max_by_key(|programs| programs.version);
        newest.filter(|programs| programs.version >= OLDEST).ok_or_else(|| missing(named))
    }

    /// The version that made the cluster in `home`: no other can read it.
    pub(super) fn of_version(named: Option<&Path>, version: u32, home: &Path) -> Result<Self, Error> {
        let same = candidates(named).into_iter().find(|programs| programs.version == version);
        same.ok_or_else(|| Error::OtherVersion { version, directory: home.to_owned() })
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

fn missing(named: Option<&Path>) -> Error {
    named.map_or(Error::NotInstalled, |folder| Error::NoProgramsIn(folder.to_owned()))
}

fn candidates(named: Option<&Path>) -> Vec<Programs> {
    if let Some(folder) = named {
        return programs_in(folder).into_iter().collect();
    }
    let debian = debian_folders(Path::new(DEBIAN));
    if !debian.is_empty() {
        return debian;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter_map(|folder| programs_in(&folder)).collect()
}

/// Debian names the folder after the version, which saves asking each program.
fn debian_folders(root: &Path) -> Vec<Programs> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            is_complete(&folder).then_some(Programs { version, folder })
        })
        .collect()
}

fn programs_in(folder: &Path) -> Option<Programs> {
    if !is_complete(folder) {
        return None;
    }
    let answer = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let version = parse_version(&String::from_utf8_lossy(&answer.stdout))?;
    Some(Programs { version, folder: folder.to_owned() })
}

fn is_complete(folder: &Path) -> bool {
    ["postgres", "initdb"].iter().all(|program| folder.join(program).is_file())
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, also `16beta1`.
fn parse_version(line: &str) -> Option<u32> {
    let word = line.split_whitespace().nth(2)?;
    let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    word.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(root: &Path, version: &str, programs: &[&str]) {
        let folder = root.join(version).join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        for program in programs {
            std::fs::write(folder.join(program), "").unwrap();
        }
    }

    #[test]
    fn the_version_is_read_from_the_line_the_program_prints() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse_version("postgres"), None);
    }

    #[test]
    fn a_folder_without_the_server_programs_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        folder_with(root.path(), "15", &["postgres", "initdb"]);
        folder_with(root.path(), "17", &["psql"]);
        folder_with(root.path(), "common", &["postgres", "initdb"]);
        let found: Vec<_> =
            debian_folders(root.path()).into_iter().map(|programs| programs.version).collect();
        assert_eq!(found, [15]);
    }

    #[test]
    fn a_named_folder_without_programs_is_named_in_the_error() {
        let empty = tempfile::tempdir().unwrap();
        let error = Programs::newest(Some(empty.path())).unwrap_err();
        assert!(error.to_string().starts_with(&empty.path().display().to_string()), "{error}");
    }
}
