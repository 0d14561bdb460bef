//! Identity providers of SAML that others have written: SimpleSAMLphp, and one made of pysaml2.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Where Debian puts SimpleSAMLphp.
const PROGRAM: &str = "/usr/share/simplesamlphp";

/// A running SimpleSAMLphp; it ends with the test. It signs what it can and wants requests to be signed. `ada` and `grace`
/// sign in with the passwords `ada-pw` and `grace-pw`.
pub struct SimpleSamlPhp {
    process: Child,
    url: String,
    folder: TempDir,
}

impl SimpleSamlPhp {
    /// Starts one. What it encrypts is in AES-CBC: version 1.19 knows no other way for a key that is public.
    pub fn start(encrypts: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for inner in ["cert", "data", "log", "sp", "tmp"] {
            fs::create_dir(path.join(inner)).unwrap();
        }
        let mut made = Command::new("openssl");
        made.args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=simplesamlphp",
        ]);
        made.arg("-keyout").arg(path.join("cert/idp.key")).arg("-out").arg(path.join("cert/idp.crt"));
        assert!(made.stderr(Stdio::null()).status().unwrap().success(), "openssl makes a key");
        // PHP does not end by itself when the test does.
        let mut command = Command::new("setpriv");
        command.args([
            "--pdeathsig",
            "KILL",
            "--",
            "php",
            "-d",
            "display_errors=0",
            "-S",
            "127.0.0.1:0",
            "-t",
        ]);
        command.arg(format!("{PROGRAM}/www"));
        command.env("SIMPLESAMLPHP_CONFIG_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/src/simplesamlphp"));
        command.env("SSP_FOLDER", path).env("SSP_ENCRYPTS", if encrypts { "1" } else { "" });
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process =
            command.spawn().expect("php-cli and simplesamlphp are installed; `make test` does it");
        let said = process.stderr.take().unwrap();
        let url =
            told(said, |line| Some(line.split_once("Development Server (")?.1.split_once(')')?.0.to_owned()));
        Self { process, url, folder }
    }

    /// Lets it trust a service provider, by what that says of itself.
    pub fn trust(&self, metadata: &str) {
        let count = fs::read_dir(self.folder.path().join("sp")).unwrap().count();
        fs::write(self.folder.path().join(format!("sp/{count}.xml")), metadata).unwrap();
    }

    /// Its address, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its port on this machine.
    pub fn port(&self) -> u16 {
        port(&self.url)
    }

    /// Where it describes itself.
    pub fn metadata_url(&self) -> String {
        format!("{}/saml2/idp/metadata.php", self.url)
    }

    /// Where it signs somebody in whom this service provider has not asked for.
    pub fn start_url(&self, sp: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("spentityid", sp).finish();
        format!("{}/saml2/idp/SSOService.php?{query}", self.url)
    }

    /// Where a person ends their session, at service providers first; they are sent to its first page then.
    pub fn logout_url(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("RelayState", &format!("{}/", self.url))
            .finish();
        format!("{}/saml2/idp/initSLO.php?{query}", self.url)
    }

    /// What it has written down, to be shown where a test fails.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/simplesamlphp.log")).unwrap_or_default()
    }
}

impl Drop for SimpleSamlPhp {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A running provider made of pysaml2; it ends with the test. It signs `ada` in without a question.
pub struct PySaml2 {
    process: Child,
    url: String,
}

impl PySaml2 {
    /// Starts one that trusts this service provider, signs these ("response", "assertion"), and encrypts by "gcm" or "3des"
    /// if it is told to.
    pub fn start(sp: &str, sign: &[&str], cipher: Option<&str>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may use")]
        let python =
            std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON names a Python with pysaml2");
        let mut command = Command::new(python);
        command.args(["-W", "ignore", concat!(env!("CARGO_MANIFEST_DIR"), "/src/saml_provider.py")]);
        command.arg(json!({ "sp": sp, "sign": sign, "cipher": cipher }).to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let url =
            told(process.stdout.take().unwrap(), |line| line.starts_with("http://").then(|| line.to_owned()));
        Self { process, url }
    }

    /// An address of it: `metadata`, `start`, `end`, `heard`.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    /// What service providers have said of logouts.
    pub async fn heard(&self) -> Value {
        let text = reqwest::get(self.url("heard")).await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for PySaml2 {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// The first line that tells what is looked for. What comes later is read by nobody, and must not fill the pipe.
fn told(said: impl Read + Send + 'static, find: impl Fn(&str) -> Option<String>) -> String {
    let mut lines = BufReader::new(said).lines();
    let found = lines.by_ref().map_while(Result::ok).find_map(|line| find(&line));
    std::thread::spawn(move || lines.for_each(drop));
    found.expect("the provider starts")
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().parse().unwrap()
}

fn end(process: &mut Child) {
    let _gone = process.kill();
    let _ended = process.wait();
}
