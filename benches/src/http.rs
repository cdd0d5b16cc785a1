//! A kept-alive HTTP/1.1 connection that blocks its thread, and spends little of the machine that is measured.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How long an answer may take: `mlflow server` needs minutes for some of them.
const ANSWER_LIMIT: Duration = Duration::from_secs(300);

/// What is written or read at once of a file.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// One connection to a server, made again when the server has closed it.
pub struct Client {
    address: String,
    connection: Option<BufReader<TcpStream>>,
    head: Vec<u8>,
    answer: Vec<u8>,
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    body: Framing,
    closes: bool,
}

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked,
    UntilClosed,
}

impl Client {
    /// A client of the server at `127.0.0.1:5000` or the like; connects with the first request.
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            connection: None,
            head: Vec::new(),
            answer: Vec::new(),
        }
    }

    /// The body of an answer with the status 200.
    pub fn get(&mut self, target: &str) -> Result<&[u8]> {
        self.exchange("GET", target, "", b"")
    }

    /// Sends JSON; the body of an answer with the status 200.
    pub fn post(&mut self, target: &str, json: &str) -> Result<&[u8]> {
        self.exchange("POST", target, JSON, json.as_bytes())
    }

    /// Puts a small file.
    pub fn put(&mut self, target: &str, content: &[u8]) -> Result<&[u8]> {
        self.exchange("PUT", target, BYTES, content)
    }

    /// Sends a request with more headers, each as `name: value\r\n`.
    pub fn exchange(&mut self, method: &str, target: &str, headers: &str, body: &[u8]) -> Result<&[u8]> {
        let mut request = Vec::with_capacity(256 + body.len());
        request.extend_from_slice(
            self.request_head(method, target, headers, body.len() as u64)
                .as_bytes(),
        );
        request.extend_from_slice(body);
        let was_open = self.connection.is_some();
        let head = match self.send(&request).and_then(|()| self.read_head()) {
            // A server may close a connection that was idle; then the request was not read.
            Err(error) if was_open && is_closed(&error) => {
                self.connection = None;
                self.send(&request)?;
                self.read_head()
            }
            other => other,
        };
        let head = head
            .with_context(|| format!("{method} {target}"))
            .inspect_err(|_| self.connection = None)?;
        let mut answer = std::mem::take(&mut self.answer);
        answer.clear();
        let read = self.read_body(&head, &mut |part| answer.extend_from_slice(part));
        self.answer = answer;
        read.with_context(|| format!("the answer to {method} {target}"))
            .inspect_err(|_| self.connection = None)?;
        if head.status != 200 {
            bail!(
                "{method} {target}: status {}: {}",
                head.status,
                beginning(&self.answer)
            );
        }
        Ok(&self.answer)
    }

    /// Puts a file of so many bytes, which are made up.
    pub fn upload(&mut self, target: &str, size_bytes: u64) -> Result<()> {
        let head = self.request_head("PUT", target, BYTES, size_bytes);
        self.send(head.as_bytes())?;
        let chunk: Vec<u8> = (0..CHUNK_BYTES).map(|i| (i * 31 % 251) as u8).collect();
        let mut left = size_bytes;
        while left > 0 {
            let part = left.min(chunk.len() as u64) as usize;
            self.connected()?.get_mut().write_all(&chunk[..part])?;
            left -= part as u64;
        }
        let head = self.read_head().with_context(|| format!("PUT {target}"))?;
        let mut answer = Vec::new();
        self.read_body(&head, &mut |part| answer.extend_from_slice(part))?;
        // nginx says 201 of a new file and 204 of one that was there.
        if !(200..300).contains(&head.status) {
            bail!("PUT {target}: status {}: {}", head.status, beginning(&answer));
        }
        Ok(())
    }

    /// Reads a file and forgets it; its size in bytes.
    pub fn download(&mut self, target: &str) -> Result<u64> {
        let head = self.request_head("GET", target, "", 0);
        self.send(head.as_bytes())?;
        let head = self.read_head().with_context(|| format!("GET {target}"))?;
        let mut size = 0;
        self.read_body(&head, &mut |part| size += part.len() as u64)?;
        if head.status != 200 {
            bail!("GET {target}: status {}", head.status);
        }
        Ok(size)
    }

    fn request_head(&self, method: &str, target: &str, headers: &str, length: u64) -> String {
        let length = if method == "GET" {
            String::new()
        } else {
            format!("Content-Length: {length}\r\n")
        };
        format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\n{headers}{length}\r\n",
            self.address
        )
    }

    fn connected(&mut self) -> Result<&mut BufReader<TcpStream>> {
        if self.connection.is_none() {
            let stream = TcpStream::connect(&self.address)
                .with_context(|| format!("no connection to {}", self.address))?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(ANSWER_LIMIT))?;
            stream.set_write_timeout(Some(ANSWER_LIMIT))?;
            self.connection = Some(BufReader::with_capacity(CHUNK_BYTES, stream));
        }
        self.connection.as_mut().context("the connection was just made")
    }

    fn send(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.connected()?.get_mut().write_all(request)?)
    }

    fn read_head(&mut self) -> Result<Head> {
        let mut bytes = std::mem::take(&mut self.head);
        bytes.clear();
        let connection = self.connected()?;
        let ended = loop {
            let before = bytes.len();
            let read = connection.read_until(b'\n', &mut bytes);
            if read.map_err(said_plainly)? == 0 {
                break false;
            }
            if matches!(&bytes[before..], b"\r\n" | b"\n") {
                break true;
            }
        };
        let head = if ended {
            parse_head(&bytes)
        } else {
            Err(std::io::Error::from(ErrorKind::UnexpectedEof).into())
        };
        self.head = bytes;
        head
    }

    fn read_body(&mut self, head: &Head, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        let connection = self.connection.as_mut().context("an answer needs a connection")?;
        match head.body {
            Framing::Length(length) => copy(connection, length, take)?,
            Framing::Chunked => loop {
                let mut line = String::new();
                connection.read_line(&mut line)?;
                let size = line.split(';').next().unwrap_or_default().trim();
                let size =
                    u64::from_str_radix(size, 16).with_context(|| format!("a chunk of size `{size}`"))?;
                copy(connection, size, take)?;
                line.clear();
                connection.read_line(&mut line)?;
                if size == 0 {
                    break;
                }
            },
            Framing::UntilClosed => copy(connection, u64::MAX, take)?,
        }
        if head.closes || head.body == Framing::UntilClosed {
            self.connection = None;
        }
        Ok(())
    }
}

/// Content type of JSON, as a header line.
pub const JSON: &str = "Content-Type: application/json\r\n";

const BYTES: &str = "Content-Type: application/octet-stream\r\n";

/// Hands so many bytes over, or all there are if `length` is without bound.
fn copy(from: &mut BufReader<TcpStream>, length: u64, take: &mut dyn FnMut(&[u8])) -> Result<()> {
    let mut left = length;
    while left > 0 {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            if length == u64::MAX {
                return Ok(());
            }
            bail!("the answer ended {left} bytes early");
        }
        let part = left.min(buffer.len() as u64) as usize;
        take(&buffer[..part]);
        from.consume(part);
        left -= part as u64;
    }
    Ok(())
}

fn parse_head(bytes: &[u8]) -> Result<Head> {
    let text = std::str::from_utf8(bytes).context("the head of the answer is not text")?;
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut head = Head {
        status: status.with_context(|| format!("`{first}` is no HTTP status"))?,
        body: Framing::UntilClosed,
        closes: false,
    };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.body = Framing::Length(
                value
                    .parse()
                    .with_context(|| format!("Content-Length: {value}"))?,
            );
        } else if name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
            head.body = Framing::Chunked;
        } else if name.eq_ignore_ascii_case("connection") {
            head.closes = value.eq_ignore_ascii_case("close");
        }
    }
    if head.status == 204 {
        head.body = Framing::Length(0);
    }
    Ok(head)
}

/// A time limit of the socket shows as a resource that is not available.
fn said_plainly(error: std::io::Error) -> std::io::Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            std::io::Error::new(ErrorKind::TimedOut, format!("no answer within {ANSWER_LIMIT:?}"))
        }
        _ => error,
    }
}

fn is_closed(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(
        kind,
        Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    )
}

fn beginning(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn heads_say_how_the_body_ends() {
        let head = parse_head(b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\nConnection: Close\r\n\r\n").unwrap();
        assert_eq!(
            (head.status, head.body, head.closes),
            (200, Framing::Length(12), true)
        );
        let head = parse_head(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        assert_eq!(
            (head.status, head.body, head.closes),
            (404, Framing::Chunked, false)
        );
        assert_eq!(
            parse_head(b"HTTP/1.0 200 OK\r\n\r\n").unwrap().body,
            Framing::UntilClosed
        );
        assert!(parse_head(b"nonsense\r\n\r\n").is_err());
    }

    /// A server that gives each connection one answer.
    fn server(answers: Vec<&'static [u8]>) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                stream.read_exact(&mut [0; 16]).unwrap();
                stream.write_all(answer).unwrap();
                // What is left unread would turn the end into a reset.
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
            }
        });
        address
    }

    #[test]
    fn a_chunked_answer_is_put_together() {
        let address = server(vec![
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
        ]);
        assert_eq!(Client::new(&address).get("/x").unwrap(), b"abc0123456789");
    }

    #[test]
    fn a_connection_that_was_closed_meanwhile_is_made_again() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let address = server(vec![answer, answer]);
        let mut client = Client::new(&address);
        assert_eq!(client.get("/1").unwrap(), b"ok");
        assert_eq!(client.get("/2").unwrap(), b"ok");
    }

    #[test]
    fn an_answer_cut_short_and_a_bad_status_are_errors() {
        let address = server(vec![
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
            b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
        ]);
        let mut client = Client::new(&address);
        assert!(client.get("/1").is_err());
        let error = client.get("/2").unwrap_err().to_string();
        assert!(error.contains("500") && error.contains("no"), "{error}");
    }
}
