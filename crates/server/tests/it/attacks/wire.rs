//! Requests byte by byte, as no decent client would send them.

use std::time::Duration;

use elder_testkit::TestApp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Longest time that any refusal may take in an unoptimised build on a busy machine: what does too much takes minutes.
pub(super) const QUICKLY: Duration = Duration::from_secs(20);

/// What came back.
pub(super) struct Reply {
    /// The status.
    pub(super) status: u16,
    /// The lines of the head.
    pub(super) head: String,
    /// The body.
    pub(super) body: String,
}

/// A request without a body that wants the connection closed behind it. `more` are lines of the head.
pub(super) async fn get(app: &TestApp, target: &str, more: &str) -> Reply {
    exchange(app, format!("GET {target} HTTP/1.1\r\nhost: elder.test\r\nconnection: close\r\n{more}\r\n"))
        .await
}

/// Sends bytes, and reads until the server closes the connection.
pub(super) async fn exchange(app: &TestApp, request: impl AsRef<[u8]>) -> Reply {
    let talk = async {
        let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
        // The server may have answered, and closed, before it has read everything.
        let _cut = stream.write_all(request.as_ref()).await;
        let mut bytes = Vec::new();
        let _reset = stream.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    };
    let text = tokio::time::timeout(QUICKLY, talk).await.expect("the server answers quickly and closes");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Reply { status: status.unwrap(), head: head.to_owned(), body: body.to_owned() }
}
