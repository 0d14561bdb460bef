//! SCIM servers that others wrote, as processes of their own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Who, requests::Place};
use crate::{Plan, fault::Fault, server::Server};

/// A running server.
pub(crate) struct Peer {
    pub(crate) who: Who,
    pub(crate) server: Server,
    base: &'static str,
}

/// What it is started with.
struct Programs<'a> {
    /// The folder of Python's programs.
    bin: &'a Path,
    /// The folder of the modules that say how the servers are put together.
    modules: PathBuf,
    data: PathBuf,
}

impl<'a> Programs<'a> {
    fn of(plan: &'a Plan) -> Result<Self, Fault> {
        let data = plan.data.join("peers");
        fs::create_dir_all(&data)?;
        Ok(Self { bin: &plan.peers, modules: fs::canonicalize(&plan.peer_modules)?, data })
    }

    fn dress(&self, command: &mut Command) {
        command
            .env("PYTHONPATH", &self.modules)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PEER_DATA", &self.data)
            .env("HOME", &self.data)
            .env("DJANGO_SETTINGS_MODULE", "django_scim2_peer.settings");
    }

    fn serve(&self, workers: &str, module: &str, ready: &str) -> Result<Server, Fault> {
        let prepare = |command: &mut Command, address: std::net::SocketAddr| {
            self.dress(command);
            command.args(["--worker-class", "gthread", "--threads", "8", "--keep-alive", "60"]).args([
                "--workers",
                workers,
                "--bind",
                &address.to_string(),
                module,
            ]);
        };
        Server::peer(&self.bin.join("gunicorn"), prepare, ready, &self.data.join(module))
    }
}

impl Peer {
    /// scim2-server: one process, since its resources are in memory.
    pub(crate) fn scim2_server(plan: &Plan) -> Result<Self, Fault> {
        let server = Programs::of(plan)?.serve("1", "scim2_server_peer", "/v2/Users")?;
        Ok(Self { who: Who::Scim2Server, server, base: "/v2" })
    }

    /// django-scim2 on `SQLite`.
    pub(crate) fn django_scim2(plan: &Plan) -> Result<Self, Fault> {
        let programs = Programs::of(plan)?;
        let mut migrate = Command::new(programs.bin.join("python"));
        migrate.args(["-m", "django", "migrate", "--run-syncdb", "--verbosity=0"]);
        programs.dress(&mut migrate);
        let output = migrate.output()?;
        if !output.status.success() {
            return Err(Fault::broken(String::from_utf8_lossy(&output.stderr)));
        }
        let server = programs.serve("2", "django_scim2_peer.wsgi", "/scim/v2/Users")?;
        Ok(Self { who: Who::DjangoScim2, server, base: "/scim/v2" })
    }

    pub(crate) fn place(&self) -> Place {
        Place { base: self.base, headers: "Authorization: Bearer peer\r\n".to_owned() }
    }
}
