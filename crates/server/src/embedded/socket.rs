//! Chooses the folder of the database socket: private to us and short enough for the kernel.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::{Account, Error};

/// The longest path of a unix socket on Linux (`sun_path` without its closing zero).
const LONGEST: usize = 107;

/// The name PostgreSQL gives to its socket, plus its lock file's ending.
const NAME: &str = "/.s.PGSQL.5432.lock";

/// The cluster's own folder, or a short one elsewhere when that path does not fit.
pub(super) fn choose(account: &Account, home: &Path) -> Result<PathBuf, Error> {
    let own = home.join("socket");
    if fits(&own) && account.is_private(&account.make_private(&own)?) {
        return Ok(own);
    }
    let short = runtime_folder(account).join(short_name(home));
    if fits(&short) && account.is_private(&account.make_private(&short)?) {
        return Ok(short);
    }
    Err(Error::NoSocketDirectory { directory: own, fallback: short })
}

/// Where short-lived files belong that only we may see; `/tmp` when there is no such place.
fn runtime_folder(account: &Account) -> PathBuf {
    if account.is_by_root() {
        return PathBuf::from("/run");
    }
    let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let private = |folder: &PathBuf| folder.metadata().is_ok_and(|metadata| account.is_private(&metadata));
    session.filter(|folder| fits(folder)).filter(private).unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// A name of its own for each data directory.
fn short_name(home: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    format!("elder-{:016x}", hasher.finish())
}

/// Short enough, and free of characters that mean something in a list of hosts or of socket folders.
fn fits(folder: &Path) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"/._-".contains(&c);
    let bytes = folder.as_os_str().as_encoded_bytes();
    folder.is_absolute() && bytes.len() + NAME.len() <= LONGEST && bytes.iter().copied().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_fits_up_to_the_last_byte() {
        let longest = "/".to_owned() + &"d".repeat(LONGEST - NAME.len() - 1);
        assert!(fits(Path::new(&longest)));
        assert!(!fits(Path::new(&(longest + "d"))));
    }

    #[test]
    fn a_folder_with_a_comma_or_a_blank_does_not_fit() {
        assert!(!fits(Path::new("/srv/a,b")));
        assert!(!fits(Path::new("/srv/a b")));
        assert!(!fits(Path::new("relative")));
    }

    #[test]
    fn two_data_directories_have_two_short_names() {
        assert_ne!(short_name(Path::new("/srv/a")), short_name(Path::new("/srv/b")));
        assert_eq!(short_name(Path::new("/srv/a")), short_name(Path::new("/srv/a")));
    }
}
