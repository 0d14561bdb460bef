//! The layers, and what is refused.

use std::io::Write as _;

use super::*;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";

fn load(
    file: &str,
    environment: &[(&str, &str)],
    overrides: &[(&str, &str)],
) -> Result<Settings, ConfigError> {
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    };
    let mut on_disk = tempfile::NamedTempFile::new().unwrap();
    on_disk.write_all(file.as_bytes()).unwrap();
    Settings::layered(Some(on_disk.path()), owned(environment), &owned(overrides))
}

/// The message, with its chain of causes.
fn refusal(file: &str, environment: &[(&str, &str)]) -> String {
    load(file, environment, &[])
        .expect_err(&format!("{file:?} {environment:?} should be refused"))
        .to_string()
}

#[test]
fn without_any_word_the_defaults_hold() {
    let settings = load("", &[], &[]).unwrap();
    assert_eq!(settings.public_url(), "http://127.0.0.1:8080");
    assert_eq!(settings.issuer(), settings.public_url());
    assert_eq!(settings.passwords.memory_kib, 19456);
    assert_eq!(settings.tokens.algorithm, Algorithm::EdDsa);
    assert_eq!(settings.license.public_keys, Vec::<String>::new());
    assert_eq!(settings.log.format, Format::Auto);
    assert!(settings.database.url.is_none() && settings.redis.url.is_none());
}

#[test]
fn each_layer_goes_over_the_one_before() {
    let file = "[http]\nbind = '127.0.0.1:1'\nworkers = 1\nbody_limit_bytes = 1\n[log]\nlevel = 'debug'";
    let environment = [("ELDER_HTTP__BIND", "127.0.0.1:2"), ("ELDER_HTTP__WORKERS", "2")];
    let settings = load(file, &environment, &[("http.bind", "127.0.0.1:3")]).unwrap();
    assert_eq!(settings.http.bind.port(), 3);
    assert_eq!(settings.http.workers.unwrap().get(), 2);
    assert_eq!(settings.http.body_limit_bytes.get(), 1);
    assert_eq!(settings.log.level, "debug");
    assert_eq!(settings.http.shutdown_timeout_seconds, 30);
}

#[test]
fn the_environment_is_read_by_the_kind_of_the_setting() {
    let settings = load(
        "",
        &[
            ("DATABASE_URL", "postgres://app@db/elder"),
            ("REDIS_URL", "redis://redis"),
            ("ELDER_HTTP__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("ELDER_DATABASE__MIGRATE_ON_START", "false"),
            ("ELDER_BOOTSTRAP_EMAIL", "owner@example.com"),
            ("ELDER_BOOTSTRAP_PASSWORD", "123456789012345"),
            ("ELDER_SECRETS__MASTER_KEY", KEY),
            ("ELDER_SERVICE_HOST", "10.0.0.1"),
            ("PATH", "/bin"),
        ],
        &[],
    )
    .unwrap();
    assert_eq!(settings.database.url.unwrap().expose(), "postgres://app@db/elder");
    assert_eq!(settings.http.trusted_proxies.len(), 2);
    assert!(!settings.database.migrate_on_start);
    assert_eq!(settings.bootstrap.password.unwrap().expose(), "123456789012345");
    assert_eq!(settings.redis.url.unwrap().expose(), "redis://redis");
}

#[test]
fn a_settings_own_variable_goes_over_the_one_everybody_knows() {
    let environment = [("DATABASE_URL", "postgres://one"), ("ELDER_DATABASE__URL", "postgres://two")];
    assert_eq!(load("", &environment, &[]).unwrap().database.url.unwrap().expose(), "postgres://two");
}

#[test]
fn r_27_what_is_wrong_in_the_file_is_refused_by_name() {
    for (file, name) in [
        ("[http]\nbnd = 1", "`http.bnd`"),
        ("[htttp]\nbind = 1", "`htttp`"),
        ("http = 1", "`http`"),
        ("[http]\nbind = 8080", "`http.bind`"),
        ("[http]\nbind = 'localhost'", "`http.bind`"),
        ("[http]\nbind = ''", "`http.bind`"),
        ("[http]\npublic_url = 'ftp://x'", "`http.public_url`"),
        ("[http]\npublic_url = 'id.example.com'", "`http.public_url`"),
        ("[http]\npublic_url = 'http://id.example.com'", "`http.public_url`"),
        ("[tokens]\nissuer = 'http://id.example.com'", "`tokens.issuer`"),
        ("[http]\ntrusted_proxies = ['10.0.0.0/99']", "`http.trusted_proxies"),
        ("[http]\nbody_limit_bytes = 0", "`http.body_limit_bytes`"),
        ("[http]\nbody_limit_bytes = -1", "`http.body_limit_bytes`"),
        ("[database]\nmigrate_on_start = 'yes'", "`database.migrate_on_start`"),
        ("[database]\nurl = 'mysql://x'", "`database.url`"),
        ("[database]\nowner_url = 'postgres://x'", "`database.owner_url`"),
        ("[database]\nstatement_timeout_seconds = 0", "`database.statement_timeout_seconds`"),
        ("[tokens]\nalgorithm = 'none'", "`tokens.algorithm`"),
        ("[tokens]\nalgorithm = 'HS256'", "`tokens.algorithm`"),
        ("[tokens]\naccess_token_seconds = 86400", "`tokens.access_token_seconds`"),
        ("[tokens]\nrotate_keys_days = 3651", "`tokens.rotate_keys_days`"),
        ("[license]\npublic_keys = 'x'", "`license.public_keys`"),
        ("[log]\nformat = 'xml'", "`log.format`"),
        ("[metrics]\nmax_tenants = 1.5", "`metrics.max_tenants`"),
        ("[dns]\nresolvers = ['']", "`dns.resolvers`"),
        ("[dns]\nresolvers = ['dns.example.com']", "`dns.resolvers"),
        ("[bootstrap]\nemail = 'owner@example.com'", "`bootstrap.password`"),
        ("[bootstrap]\npassword = 'x'", "`bootstrap.email`"),
        ("[bootstrap]\nemail = 'owner'\npassword = 'x'", "`bootstrap.email`"),
    ] {
        let refusal = refusal(file, &[]);
        assert!(refusal.contains(name), "{file:?} gave: {refusal}");
    }
}

#[test]
fn r_27_a_weak_master_key_is_refused_and_not_shown() {
    let (changeme, zeros, twice) =
        ("changeme", "0".repeat(64), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
    for key in [changeme, &zeros, twice] {
        let refusal = refusal(&format!("[secrets]\nmaster_key = '{key}'"), &[]);
        assert!(refusal.contains("`secrets.master_key`") && refusal.contains("openssl rand"), "{refusal}");
        assert!(!refusal.contains(key), "{refusal}");
    }
    let both = refusal(&format!("[secrets]\nmaster_key = '{KEY}'\nmaster_key_file = 'x'"), &[]);
    assert!(both.contains("`secrets.master_key_file`"), "{both}");
    assert!(load(&format!("[secrets]\nmaster_key = '{KEY}'"), &[], &[]).is_ok());
}

#[test]
fn r_27_a_variable_that_reaches_nothing_is_refused_by_name() {
    for (variable, named) in [
        ("ELDER_HTTP__BNID", "ELDER_HTTP__BNID"),
        ("ELDER_HTPT__BIND", "ELDER_HTPT__BIND"),
        ("ELDER_HTTP_BIND", "`ELDER_HTTP__BIND` may be meant"),
    ] {
        let refusal = refusal("", &[(variable, "127.0.0.1:1")]);
        assert!(refusal.contains(named), "{refusal}");
    }
    let empty = refusal("", &[("DATABASE_URL", "")]);
    assert!(empty.contains("`database.url`"), "{empty}");
    assert!(load("", &[], &[("http.bnid", "x")]).unwrap_err().to_string().contains("`http.bnid`"));
}

#[test]
fn r_27_a_secret_may_stand_in_a_file_that_its_variable_names() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "postgres://app:271828@db/elder").unwrap();
    let path = file.path().to_str().unwrap();
    for variable in ["DATABASE_URL_FILE", "ELDER_DATABASE__URL_FILE"] {
        let url = load("", &[(variable, path)], &[]).unwrap().database.url.unwrap();
        assert_eq!(url.expose(), "postgres://app:271828@db/elder");
    }
    let platform = [("DATABASE_URL_FILE", path), ("ELDER_DATABASE__PLATFORM_URL_FILE", path)];
    assert!(load("", &platform, &[]).unwrap().database.platform_url.is_some());
    let master_key = load("", &[("ELDER_SECRETS__MASTER_KEY_FILE", path)], &[]).unwrap().secrets;
    assert_eq!(master_key.master_key_file.as_deref(), Some(file.path()));
    assert!(master_key.master_key.is_none());
}

#[test]
fn r_27_a_secret_file_that_cannot_hold_is_refused_by_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for (environment, named) in [
        (vec![("REDIS_URL_FILE", "/nowhere/redis")], "REDIS_URL_FILE"),
        (vec![("REDIS_URL_FILE", path)], "`redis.url`"),
        (vec![("DATABASE_URL_FILE", path), ("DATABASE_URL", "postgres://x")], "`DATABASE_URL_FILE`"),
        (vec![("ELDER_HTTP__BIND_FILE", path)], "`ELDER_HTTP__BIND_FILE`"),
        (vec![("ELDER_REDIS_URL_FILE", path)], "`ELDER_REDIS__URL_FILE` may be meant"),
    ] {
        let refusal = refusal("", &environment);
        assert!(refusal.contains(named), "{refusal}");
    }
}

#[test]
fn r_27_there_is_no_built_in_secret() {
    let settings = load("", &[], &[]).unwrap();
    assert!(settings.secrets.master_key.is_none() && settings.secrets.master_key_file.is_none());
    assert!(settings.bootstrap.password.is_none() && settings.http.metrics_token.is_none());
    let examples = reference::settings().map(|setting| setting.worth);
    for toml in examples.filter_map(|worth| if let Worth::Default(toml) = worth { Some(toml) } else { None })
    {
        assert!(!toml.contains("://"), "a default may not hold a URL with a password: {toml}");
    }
}

#[test]
fn no_refusal_shows_a_secret() {
    for file in
        ["[bootstrap]\npassword = 271828", "[bootstrap]\npassword = 271828x", "[redis]\nurl = [271828]"]
    {
        let refusal = load(file, &[], &[]).unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains("271828"), "{refusal:?}");
    }
    let settings = load("[bootstrap]\nemail = 'a@b.c'\npassword = '271828'", &[], &[]).unwrap();
    assert!(!format!("{settings:?}").contains("271828"));
}

#[test]
fn a_budget_is_saved_up_for_a_minute_at_most() {
    assert!(load("[rate_limit]\nburst_seconds = 60", &[], &[]).is_ok());
    let refusal = refusal("[rate_limit]\nburst_seconds = 61", &[]);
    assert!(refusal.contains("at most 60"), "{refusal}");
}

#[test]
fn a_missing_or_broken_file_is_named() {
    let missing = Settings::layered(Some("/nowhere/elder.toml".as_ref()), [], &[]).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/elder.toml"));
    let broken = refusal("[http]\n\nbind = ", &[]);
    assert!(broken.contains("line 3"), "{broken}");
}

#[test]
fn the_reference_file_is_up_to_date_and_changes_nothing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/elder.toml");
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(file == reference_toml(), "config/elder.toml is out of date: run `cargo xtask snapshot`");
    assert_eq!(format!("{:?}", load(&file, &[], &[]).unwrap()), format!("{:?}", load("", &[], &[]).unwrap()));
}

#[test]
fn every_example_is_a_good_value() {
    let examples: Vec<_> = reference::settings().filter(|s| matches!(s.worth, Worth::Example(_))).collect();
    assert!(!examples.is_empty());
    for setting in examples.iter().filter(|setting| setting.name != "master_key") {
        let also = match setting.section {
            "database" => "url = 'postgres://x'",
            "bootstrap" if setting.name == "email" => "password = 'x'",
            "bootstrap" => "email = 'a@b.c'",
            "mail" if setting.name == "host" => "",
            "mail" if setting.name == "username" => "host = 'x'\npassword = 'x'",
            "mail" if setting.name == "password" => "host = 'x'\nusername = 'x'",
            "mail" => "host = 'x'",
            _ => "",
        };
        let also = if setting.name == "url" { "" } else { also };
        let file = format!("[{}]\n{also}\n{} = {}", setting.section, setting.name, setting.worth.toml());
        assert!(load(&file, &[], &[]).is_ok(), "{file}: {:?}", load(&file, &[], &[]).err());
    }
}

#[test]
fn a_mail_server_is_spoken_to_in_the_clear_on_this_machine_alone() {
    for (file, key) in [
        ("host = 'smtp.example.com'\nencryption = 'none'", Some("mail.encryption")),
        ("host = '127.0.0.1.example.com'\nencryption = 'none'", Some("mail.encryption")),
        ("host = 'smtp.example.com'\nencryption = 'none'\nallow_plaintext = true", None),
        ("host = '127.0.0.1'\nencryption = 'none'", None),
        ("host = 'smtp.example.com'", None),
        ("host = 'smtp.example.com'\nusername = 'elder'", Some("mail.password")),
        ("host = 'smtp.example.com'\npassword = 'secret'", Some("mail.username")),
        ("port = 25", Some("mail.port")),
        ("username = 'elder'\npassword = 'secret'", Some("mail.username")),
        ("encryption = 'perhaps'", Some("mail.encryption")),
    ] {
        let answer = load(&format!("[mail]\n{file}"), &[], &[]).map_err(|error| error.to_string());
        match key {
            None => assert!(answer.is_ok(), "{file}: {answer:?}"),
            Some(key) => assert!(answer.is_err_and(|words| words.contains(key)), "{file}"),
        }
    }
    assert_eq!(load("", &[], &[]).unwrap().mail.encryption.port(), 587);
}

/// The settings that the Debian package brings, and those that it only mentions.
#[test]
fn the_package_shows_metrics_to_its_machine_alone_and_mentions_settings_that_there_are() {
    let packaged = include_str!("../../../infrastructure/debian/elder.env");
    let set = |line: &'static str| line.split_once('=').filter(|(name, _)| !name.contains(' '));
    let active: Vec<_> = packaged.lines().filter(|line| !line.starts_with('#')).filter_map(set).collect();
    let settings = load("", &active, &[]).unwrap();
    assert!(settings.http.admin_bind.is_some_and(|bind| bind.ip().is_loopback()), "{active:?}");
    assert_ne!(settings.http.admin_bind, Some(settings.http.bind));
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), KEY).unwrap();
    let all: Vec<_> = packaged.lines().map(|line| line.trim_start_matches('#')).filter_map(set).collect();
    let all: Vec<_> = all
        .into_iter()
        .map(|(name, value)| {
            (name, if name.ends_with("_FILE") { key.path().to_str().unwrap() } else { value })
        })
        .collect();
    assert!(all.len() > active.len() + 4, "{all:?}");
    load("", &all, &[]).unwrap();
}
