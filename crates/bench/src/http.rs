//! The least HTTP/1.1 client: one connection, one request at a time.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    ops::Range,
    time::Duration,
};

/// A server that takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(30);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// A body that came in chunks.
    joined: Vec<u8>,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    /// RFC 9112 §7.1.
    Chunked,
}

/// An answer, read whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// The status line and the headers.
    pub(crate) head: &'a [u8],
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], joined: Vec::new() })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let (status, start, framing) = loop {
            filled += self.read_after(filled)?;
            if let Some(head) = head(self.buffer.get(..filled).unwrap_or_default())? {
                break head;
            }
        };
        match framing {
            Framing::Length(length) => self.body(status, start..start + length, filled),
            Framing::Chunked => self.chunks(status, start, filled),
        }
    }

    fn body(&mut self, status: u16, body: Range<usize>, mut filled: usize) -> io::Result<Answer<'_>> {
        if self.buffer.len() < body.end {
            self.buffer.resize(body.end, 0);
        }
        while filled < body.end {
            filled += self.read_after(filled)?;
        }
        if filled > body.end {
            return Err(invalid("the answer goes on after its end"));
        }
        let head = self.buffer.get(..body.start).unwrap_or_default();
        Ok(Answer { status, head, body: self.buffer.get(body).unwrap_or_default() })
    }

    fn chunks(&mut self, status: u16, start: usize, mut filled: usize) -> io::Result<Answer<'_>> {
        self.joined = loop {
            if let Some(joined) = join(self.buffer.get(start..filled).unwrap_or_default())? {
                break joined;
            }
            filled += self.read_after(filled)?;
        };
        let head = self.buffer.get(..start).unwrap_or_default();
        Ok(Answer { status, head, body: &self.joined })
    }

    fn read_after(&mut self, filled: usize) -> io::Result<usize> {
        if filled == self.buffer.len() {
            self.buffer.resize(2 * filled, 0);
        }
        let room = self.buffer.get_mut(filled..).unwrap_or_default();
        match self.stream.read(room) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            // Nothing was read: the caller looks again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            read => read,
        }
    }
}

/// Status, start and framing of the body, once the head is whole.
fn head(bytes: &[u8]) -> io::Result<Option<(u16, usize, Framing)>> {
    let Some(end) = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default());
    let text = text.map_err(|_| invalid("the answer's head is no text"))?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let framing = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        if name.eq_ignore_ascii_case("content-length") {
            value.trim().parse().ok().map(Framing::Length)
        } else {
            let is_chunked = name.eq_ignore_ascii_case("transfer-encoding")
                && value.trim().eq_ignore_ascii_case("chunked");
            is_chunked.then_some(Framing::Chunked)
        }
    });
    // RFC 9110 §6.4.1: such an answer has no body.
    let framing = framing.or_else(|| (status == Some(204)).then_some(Framing::Length(0)));
    match (status, framing) {
        (Some(status), Some(framing)) => Ok(Some((status, end + HEAD_END.len(), framing))),
        _ => Err(invalid("the answer has no status or no length")),
    }
}

/// What the chunks hold, once the last one is there.
fn join(mut rest: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut joined = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let (size, after) = rest.split_at(end);
        let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.ok_or_else(|| invalid("a chunk has no size"))?;
        let Some(chunk) = after.get(2..2 + size) else { return Ok(None) };
        match after.get(2 + size..4 + size) {
            Some(b"\r\n") if size == 0 => return Ok(Some(joined)),
            Some(b"\r\n") => {}
            Some(_) => return Err(invalid("a chunk is longer than it says")),
            None => return Ok(None),
        }
        joined.extend_from_slice(chunk);
        rest = after.get(4 + size..).unwrap_or_default();
    }
    Ok(None)
}

fn invalid(words: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that answers every read with the next of these pieces.
    fn server(pieces: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 3]).unwrap();
            for piece in pieces {
                stream.write_all(piece.as_bytes()).unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        address
    }

    #[test]
    fn an_answer_in_pieces_is_read_whole() {
        let pieces = &["HTTP/1.1 201 Created\r\nContent-", "length: 5\r\n\r", "\nhe", "llo"];
        let mut connection = Connection::open(server(pieces)).unwrap();
        let answer = connection.exchange(b"GET").unwrap();
        assert_eq!((answer.status, answer.body), (201, &b"hello"[..]));
    }

    #[test]
    fn an_answer_in_chunks_is_joined() {
        let pieces = &[
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r",
            "\nhel\r\n2\r\nlo\r\n0",
            "\r\n\r\n",
        ];
        let mut connection = Connection::open(server(pieces)).unwrap();
        let answer = connection.exchange(b"GET").unwrap();
        assert_eq!((answer.status, answer.body), (200, &b"hello"[..]));
        assert!(join(b"3\r\nhello\r\n").is_err());
    }

    #[test]
    fn a_cut_answer_and_one_too_long_are_faults() {
        let cut = &["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"];
        let error = Connection::open(server(cut)).unwrap().exchange(b"GET").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let long = &["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nhello"];
        let error = Connection::open(server(long)).unwrap().exchange(b"GET").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
