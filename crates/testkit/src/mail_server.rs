//! A mail server of a test's own, which it may order about, stop and start again.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use elder_kernel::Secret;
use elder_outbound::mail::{Encryption, Mailer, SmtpServer};
use serde_json::Value;
use tempfile::TempDir;

/// A running server; it ends with the test.
pub struct MailServer {
    folder: TempDir,
    encryption: Encryption,
    port: u16,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl MailServer {
    /// Starts a server that takes letters from anybody.
    pub fn start() -> Self {
        Self::start_with(Encryption::None)
    }

    /// Starts a server; with TLS it has a certificate of an authority of its own, and wants an account.
    pub fn start_with(encryption: Encryption) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if encryption != Encryption::None {
            certify(&folder);
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let (process, input, output) = run(&folder, encryption, port);
        Self { folder, encryption, port, process, input, output }
    }

    /// How it is reached.
    pub fn address(&self) -> SmtpServer {
        let encrypted = self.encryption != Encryption::None;
        SmtpServer {
            host: if encrypted { "localhost" } else { "127.0.0.1" }.to_owned(),
            port: self.port,
            encryption: self.encryption,
            certificates: encrypted.then(|| self.authority()),
            account: encrypted.then(|| ("elder".to_owned(), Secret::new("secret".to_owned()))),
            timeout: Duration::from_secs(5),
        }
    }

    /// A mailer that hands letters to it.
    pub fn mailer(&self) -> Mailer {
        Mailer::smtp("elder@id.example.com", &self.address()).unwrap()
    }

    /// The certificate of its authority.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Answers the next letters with this code.
    pub fn answer(&mut self, code: u16, times: u32) {
        self.order(&format!("answer {code} {times}"));
    }

    /// Takes letters from now on, and never says so.
    pub fn hold(&mut self) {
        self.order("hold");
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port, after it was killed.
    pub fn restart(&mut self) {
        (self.process, self.input, self.output) = run(&self.folder, self.encryption, self.port);
    }

    /// The letters that it took.
    pub fn letters(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("letters")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until it has taken so many letters; gives them.
    pub async fn wait_for(&self, count: usize) -> Vec<Value> {
        for _ in 0..1_200 {
            let letters = self.letters();
            if letters.len() >= count {
                return letters;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("of {count} letters {} have come within a minute", self.letters().len());
    }

    fn order(&mut self, order: &str) {
        writeln!(self.input, "{order}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n");
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

fn run(folder: &TempDir, encryption: Encryption, port: u16) -> (Child, ChildStdin, BufReader<ChildStdout>) {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may use")]
    let python = std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON names a python with aiosmtpd");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail_server.py");
    let line = match encryption {
        Encryption::None => "plain",
        Encryption::StartTls => "starttls",
        Encryption::Implicit => "implicit",
    };
    let mut command = Command::new(python);
    command.arg(script).arg(folder.path().join("letters")).arg(port.to_string()).arg(line);
    command.arg(folder.path().join("server.pem")).arg(folder.path().join("server.key"));
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input = process.stdin.take().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut told = String::new();
    output.read_line(&mut told).unwrap();
    assert_eq!(told.trim(), port.to_string(), "the mail server does not start");
    (process, input, output)
}

/// An authority, and a certificate of it for localhost.
fn certify(folder: &TempDir) {
    let openssl = |words: &str| {
        let mut command = Command::new("openssl");
        let done = command.args(words.split(' ')).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(&format!("{new} -x509 -subj /CN=authority -keyout authority.key -out authority.pem"));
    openssl(&format!("{new} -subj /CN=localhost -keyout server.key -out server.csr"));
    fs::write(folder.path().join("names"), "subjectAltName=DNS:localhost").unwrap();
    openssl(
        "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
}
