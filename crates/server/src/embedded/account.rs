//! The operating-system user who runs PostgreSQL and owns its files.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use super::Error;

/// As whom PostgreSQL runs.
#[derive(Debug)]
pub(super) struct Account {
    user: User,
    /// Root hands everything to an unprivileged user, because PostgreSQL refuses root.
    by_root: bool,
}

impl Account {
    pub(super) fn choose() -> Result<Self, Error> {
        let me = Uid::effective();
        let look_up =
            |found: nix::Result<Option<User>>| found.map_err(|e| Error::io("reading the user database", e));
        if !me.is_root() {
            let user = look_up(User::from_uid(me))?.ok_or(Error::UnknownUser(me.as_raw()))?;
            return Ok(Self { user, by_root: false });
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = look_up(User::from_name(name))?.filter(|user| !user.uid.is_root()) {
                return Ok(Self { user, by_root: true });
            }
        }
        Err(Error::NoUnprivilegedUser)
    }

    pub(super) fn name(&self) -> &str {
        &self.user.name
    }

    /// Whether root started us and this user is another.
    pub(super) fn is_by_root(&self) -> bool {
        self.by_root
    }

    /// Makes the cluster's folder when missing and checks that PostgreSQL will be able to use it.
    pub(super) fn prepare(&self, directory: &Path) -> Result<PathBuf, Error> {
        if let Some(parent) = directory.parent() {
            fs::create_dir_all(parent).map_err(Error::at("creating", parent))?;
        }
        let owner = self.make_private(directory)?.uid();
        if owner != self.user.uid.as_raw() {
            let directory = directory.to_owned();
            return Err(Error::ForeignDirectory { directory, owner, user: self.user.name.clone() });
        }
        let home = directory.canonicalize().map_err(Error::at("opening", directory))?;
        match home.ancestors().skip(1).find(|folder| !self.may_enter(folder)) {
            Some(blocked) if self.by_root => {
                Err(Error::Unreachable { user: self.user.name.clone(), blocked: blocked.to_owned() })
            }
            _ => Ok(home),
        }
    }

    /// Makes `directory` with mode 0700 for this user; one that is in use stays as it is. Tells what it is.
    pub(super) fn make_private(&self, directory: &Path) -> Result<Metadata, Error> {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(Error::at("creating", directory)(error));
            }
            _ => {}
        }
        let read = || fs::symlink_metadata(directory).map_err(Error::at("reading", directory));
        let found = read()?;
        if self.by_root && found.uid() == 0 && is_empty(directory) {
            self.own(directory)?;
            fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
                .map_err(Error::at("closing", directory))?;
            return read();
        }
        Ok(found)
    }

    /// Whether the folder is this user's and closed to everyone else.
    pub(super) fn is_private(&self, folder: &Metadata) -> bool {
        folder.is_dir()
            && folder.uid() == self.user.uid.as_raw()
            && folder.permissions().mode() & 0o777 == 0o700
    }

    /// Hands a file that root made over to the user.
    pub(super) fn own(&self, path: &Path) -> Result<(), Error> {
        if !self.by_root {
            return Ok(());
        }
        chown(path, Some(self.user.uid.as_raw()), Some(self.user.gid.as_raw()))
            .map_err(Error::at("handing over", path))
    }

    fn may_enter(&self, folder: &Path) -> bool {
        fs::metadata(folder).is_ok_and(|metadata| {
            let mode = metadata.permissions().mode();
            match (metadata.uid() == self.user.uid.as_raw(), metadata.gid() == self.user.gid.as_raw()) {
                (true, _) => mode & 0o100 != 0,
                (_, true) => mode & 0o010 != 0,
                _ => mode & 0o001 != 0,
            }
        })
    }

    /// `program` as this user: nothing of our environment, a process group of its own (Ctrl-C is for the
    /// server, which stops PostgreSQL after its last request), and SIGINT when the starting thread dies.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        if self.by_root {
            command.arg(format!("--reuid={}", self.user.name));
            command.arg(format!("--regid={}", self.user.gid)).arg("--init-groups");
        }
        command.args(["--pdeathsig", "INT"]).arg("--").arg(program);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        command
    }
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

/// For `map_err` on starting an [`Account::command`].
pub(super) fn not_started(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::NoSetpriv,
        _ => Error::io("starting PostgreSQL", error),
    }
}
