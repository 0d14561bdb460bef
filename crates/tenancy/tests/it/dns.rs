//! A DNS server for a test: other code than Elder's own resolver, so that both have to agree on the protocol.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running server; it ends with the test.
pub(crate) struct DnsServer {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl DnsServer {
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may use")]
        let python =
            std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON names a python with dnslib");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/dns_server.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.trim().parse().unwrap()));
        Self { process, input, output, address }
    }

    /// Publishes a TXT record, and waits until it is.
    pub(crate) fn publish(&mut self, name: &str, value: &str) {
        writeln!(self.input, "{name}={value}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        assert_eq!(answer, "published\n");
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}
