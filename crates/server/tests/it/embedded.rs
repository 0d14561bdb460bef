//! The private PostgreSQL: first and later starts, sudden deaths, and everything that may be in the way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use elder_server::embedded::{Embedded, Error, Settings};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Names the data directory to the holder process.
const HOLD: &str = "ELDER_TEST_HOLD";

/// A place that the unprivileged user can reach too when root runs the tests.
fn place() -> TempDir {
    tempfile::Builder::new()
        .prefix("elder-it-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

fn settings(place: &TempDir) -> Settings {
    Settings { directory: place.path().join("postgres"), programs: None }
}

fn data(place: &TempDir) -> PathBuf {
    place.path().join("postgres/data")
}

/// The first column of the first row, or PostgreSQL's error message.
fn ask(connection: &str, query: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(connection, NoTls).await.map_err(|e| message(&e))?;
        let (answer, _) = tokio::join!(
            async move {
                let rows = client.simple_query(query).await.map_err(|e| message(&e))?;
                let first = rows.iter().find_map(|message| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                    _ => None,
                });
                Ok(first.unwrap_or_default())
            },
            connection
        );
        answer
    })
}

fn message(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned())
}

fn socket_of(cluster: &Embedded) -> PathBuf {
    let (host, _) = cluster.connections().app.split_once(' ').unwrap();
    host.trim_start_matches("host=").into()
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn postmaster_pid(place: &TempDir) -> String {
    fs::read_to_string(data(place).join("postmaster.pid")).unwrap().lines().next().unwrap().to_owned()
}

fn is_alive(pid: &str) -> bool {
    // A zombie has a folder in /proc, but works nowhere.
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok()
}

/// Another process that runs the private PostgreSQL until it is killed.
fn holder(place: &TempDir) -> Child {
    let ready = place.path().join("ready");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::holds_a_cluster_until_killed", "--ignored", "--nocapture"])
        .env(HOLD, place.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let launched = Instant::now();
    while !ready.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the holder ended early");
        assert!(launched.elapsed() < Duration::from_mins(1), "the holder takes too long");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
#[ignore = "the process that other tests kill"]
fn holds_a_cluster_until_killed() {
    let Some(place) = std::env::var_os(HOLD).map(PathBuf::from) else { return };
    let _cluster = Embedded::start(&Settings { directory: place.join("postgres"), programs: None }).unwrap();
    fs::write(place.join("ready"), "").unwrap();
    std::thread::sleep(Duration::from_mins(2));
}

#[test]
fn a_first_start_makes_a_database_that_a_later_start_finds_again() {
    let place = place();
    let first = Embedded::start(&settings(&place)).unwrap();
    ask(&first.connections().owner, "CREATE TABLE kept AS SELECT 'still here' AS word").unwrap();
    first.stop().unwrap();
    assert!(!data(&place).join("postmaster.pid").exists(), "it shut down in order");

    let launched = Instant::now();
    let second = Embedded::start(&settings(&place)).unwrap();
    let took = launched.elapsed();
    assert_eq!(ask(&second.connections().owner, "SELECT word FROM kept").unwrap(), "still here");
    assert!(took < Duration::from_secs(10), "a second start took {took:?}");
    second.stop().unwrap();
}

#[test]
fn the_roles_that_serve_requests_can_neither_bypass_nor_own_anything() {
    let place = place();
    let cluster = Embedded::start(&settings(&place)).unwrap();
    let connections = cluster.connections();
    for connection in [&connections.app, &connections.platform] {
        let power = "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication \
                     OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) \
                     FROM pg_roles WHERE rolname = current_user";
        assert_eq!(ask(connection, power).unwrap(), "f");
        let refused = ask(connection, "CREATE TABLE public.mine (id int)").unwrap_err();
        assert_eq!(refused, "permission denied for schema public");
    }
    let owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()";
    assert_eq!(ask(&connections.app, owner).unwrap(), "elder_owner");
    assert_eq!(
        ask(&connections.owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").unwrap(),
        "f"
    );
    cluster.stop().unwrap();
}

#[test]
fn it_writes_to_disk_opens_no_port_and_lets_no_other_user_in() {
    let place = place();
    let cluster = Embedded::start(&settings(&place)).unwrap();
    let show = |name: &str| ask(&cluster.connections().owner, &format!("SHOW {name}")).unwrap();
    for durable in ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"] {
        assert_eq!(show(durable), "on", "{durable}");
    }
    assert_eq!(show("listen_addresses"), "");
    assert_eq!(show("server_encoding"), "UTF8");
    assert_eq!(show("lc_collate"), "C.UTF-8");
    assert_eq!(mode_of(&socket_of(&cluster)), 0o700);
    cluster.stop().unwrap();
}

#[test]
fn killing_the_server_stops_postgresql_and_the_next_start_keeps_what_was_committed() {
    let place = place();
    let mut holder = holder(&place);
    let former = postmaster_pid(&place);
    let socket = place.path().join("postgres/socket");
    let owner = format!("host={} user=elder_owner dbname=elder", socket.display());
    ask(&owner, "CREATE TABLE kept AS SELECT 'committed' AS word").unwrap();

    holder.kill().unwrap();
    assert_eq!(holder.wait().unwrap().signal(), Some(9));
    let killed = Instant::now();
    while is_alive(&former) {
        assert!(killed.elapsed() < Duration::from_secs(10), "PostgreSQL outlives its server");
        std::thread::sleep(Duration::from_millis(5));
    }
    let next = Embedded::start(&settings(&place)).unwrap();
    assert_eq!(ask(&next.connections().owner, "SELECT word FROM kept").unwrap(), "committed");
    next.stop().unwrap();
}

#[test]
fn killing_postgresql_itself_leaves_nothing_that_hinders_the_next_start() {
    let place = place();
    let first = Embedded::start(&settings(&place)).unwrap();
    ask(&first.connections().owner, "CREATE TABLE kept AS SELECT 'recovered' AS word").unwrap();
    assert!(Command::new("kill").args(["-9", &postmaster_pid(&place)]).status().unwrap().success());
    drop(first);
    assert!(data(&place).join("postmaster.pid").exists(), "it had no time to clear up");

    let next = Embedded::start(&settings(&place)).unwrap();
    assert_eq!(ask(&next.connections().owner, "SELECT word FROM kept").unwrap(), "recovered");
    next.stop().unwrap();
}

#[test]
fn a_pid_file_from_before_a_crash_of_the_machine_does_not_hinder_a_start() {
    let place = place();
    Embedded::start(&settings(&place)).unwrap().stop().unwrap();
    let somebody = format!("{}\n{}\n1\n5432\n\n\n 1 1\nready\n", std::process::id(), data(&place).display());
    fs::write(data(&place).join("postmaster.pid"), somebody).unwrap();
    Embedded::start(&settings(&place)).unwrap().stop().unwrap();
}

#[test]
fn a_cluster_whose_making_was_cut_short_is_made_anew() {
    let place = place();
    Embedded::start(&settings(&place)).unwrap().stop().unwrap();
    let half_made = place.path().join("postgres/half-made");
    fs::rename(data(&place), &half_made).unwrap();
    fs::remove_file(half_made.join("global/pg_control")).unwrap();

    Embedded::start(&settings(&place)).unwrap().stop().unwrap();
    assert!(!half_made.exists());
}

#[test]
fn a_set_up_that_was_cut_short_is_completed() {
    let place = place();
    let first = Embedded::start(&settings(&place)).unwrap();
    let superuser = first
        .connections()
        .owner
        .replace("elder_owner", "elder_superuser")
        .replace("dbname=elder", "dbname=postgres");
    ask(&superuser, "DROP DATABASE elder").unwrap();
    ask(&superuser, "DROP ROLE elder_platform").unwrap();
    first.stop().unwrap();

    let second = Embedded::start(&settings(&place)).unwrap();
    assert_eq!(ask(&second.connections().platform, "SELECT current_user").unwrap(), "elder_platform");
    second.stop().unwrap();
}

#[test]
fn a_second_server_on_the_same_directory_is_told_who_holds_it() {
    let place = place();
    let mut holder = holder(&place);
    let error = Embedded::start(&settings(&place)).unwrap_err();
    assert!(matches!(&error, Error::InUse { holder: pid, .. } if *pid == holder.id().to_string()), "{error}");
    assert!(is_alive(&postmaster_pid(&place)), "the first is not disturbed");
    holder.kill().unwrap();
    holder.wait().unwrap();
    Embedded::start(&settings(&place)).unwrap().stop().unwrap();
}

#[test]
fn a_path_too_long_or_too_odd_for_a_socket_gets_a_short_folder_elsewhere() {
    for name in ["d".repeat(120), "a folder, of 'mine'".to_owned()] {
        let place = place();
        let directory = place.path().join(name).join("postgres");
        let cluster = Embedded::start(&Settings { directory: directory.clone(), programs: None }).unwrap();
        let socket = socket_of(&cluster);
        assert!(!socket.starts_with(&directory), "{}", socket.display());
        assert_eq!(mode_of(&socket), 0o700);
        assert_eq!(ask(&cluster.connections().app, "SELECT current_user").unwrap(), "elder_app");
        cluster.stop().unwrap();
        fs::remove_dir(socket).unwrap();
    }
}

#[test]
fn a_folder_without_programs_and_a_version_that_is_gone_are_named() {
    let place = place();
    let empty = Settings { programs: Some(place.path().to_owned()), ..settings(&place) };
    assert!(
        matches!(Embedded::start(&empty).unwrap_err(), Error::NoProgramsIn(folder) if folder == place.path())
    );

    fs::create_dir_all(data(&place)).unwrap();
    fs::write(data(&place).join("PG_VERSION"), "9\n").unwrap();
    let error = Embedded::start(&settings(&place)).unwrap_err();
    assert!(matches!(error, Error::OtherVersion { version: 9, .. }), "{error}");
}

#[test]
fn a_directory_that_belongs_to_somebody_else_is_left_alone() {
    let error = Embedded::start(&Settings { directory: "/usr".into(), programs: None }).unwrap_err();
    assert!(matches!(error, Error::ForeignDirectory { owner: 0, .. }), "{error}");
}
