//! The least HTTP/1.1 client: one connection, one request at a time, bodies of known length.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A server that takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(30);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, read whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let (status, body, end) = loop {
            filled += self.read_after(filled)?;
            if let Some((status, start, length)) = head(self.buffer.get(..filled).unwrap_or_default())? {
                break (status, start, start + length);
            }
        };
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        while filled < end {
            filled += self.read_after(filled)?;
        }
        if filled > end {
            return Err(invalid("the answer goes on after its end"));
        }
        Ok(Answer { status, body: self.buffer.get(body..end).unwrap_or_default() })
    }

    fn read_after(&mut self, filled: usize) -> io::Result<usize> {
        let room = self.buffer.get_mut(filled..).unwrap_or_default();
        match self.stream.read(room) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            // Nothing was read: the caller looks again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            read => read,
        }
    }
}

/// Status, start and length of the body, once the head is whole.
fn head(bytes: &[u8]) -> io::Result<Option<(u16, usize, usize)>> {
    let Some(end) = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default());
    let text = text.map_err(|_| invalid("the answer's head is no text"))?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    match (status, length) {
        (Some(status), Some(length)) => Ok(Some((status, end + HEAD_END.len(), length))),
        _ => Err(invalid("the answer has no status or no length")),
    }
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
        assert_eq!(connection.exchange(b"GET").unwrap(), Answer { status: 201, body: b"hello" });
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
