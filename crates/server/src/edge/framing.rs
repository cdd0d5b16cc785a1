//! Where a request begins and ends in the bytes of a connection.
//!
//! hyper 1.12 repairs some requests that security.md, section 2, refuses, and leaves no trace of it: it drops
//! `Content-Length` beside `Transfer-Encoding`, takes `gzip, chunked` for `chunked`, and ends lines at a bare LF.
//! A proxy in front that repairs differently sees other requests than we do. So the bytes are followed here, line by
//! line, with only this much understanding; what is refused here hyper may parse, but no handler sees it.

/// Why a request is not let in.
pub(super) type Fault = &'static str;

/// Bytes of a header line that are looked at. The two headers that matter fit many times.
const KEPT_LINE_BYTES: usize = 256;

/// What came of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Followed {
    /// All of them are fine so far.
    All,
    /// The header that ends after `taken` bytes is refused; nothing after it may be parsed.
    Refused { taken: usize, fault: Fault },
    /// A chunk of the body has no readable size, so nobody knows where the request ends.
    Lost,
}

/// Follows the requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    place: Place,
    line: Line,
    header: Header,
    headers_ended: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    BetweenRequests,
    RequestLine,
    HeaderLines,
    Body {
        left: u64,
    },
    ChunkSize,
    Chunk {
        left: u64,
    },
    ChunkEnd,
    Trailers,
}

/// The line being read.
#[derive(Debug, Default)]
struct Line {
    /// Its beginning, without the line end.
    kept: Vec<u8>,
    length: usize,
    ends_in_cr: bool,
}

/// What the header says about the body.
#[derive(Debug, Default)]
struct Header {
    content_length: Option<u64>,
    is_chunked: bool,
    fault: Option<Fault>,
}

impl Framing {
    /// Whether some but not all of a header has come.
    pub(super) fn is_in_header(&self) -> bool {
        matches!(self.place, Place::RequestLine | Place::HeaderLines)
    }

    /// Whether a request has been received whole and no further one was begun.
    pub(super) fn is_between_requests(&self) -> bool {
        self.place == Place::BetweenRequests
    }

    /// Requests received whole so far, with their bodies.
    pub(super) fn requests_ended(&self) -> u64 {
        match self.place {
            Place::BetweenRequests | Place::RequestLine | Place::HeaderLines => self.headers_ended,
            _ => self.headers_ended.saturating_sub(1), // In the body of the last one.
        }
    }

    /// Complete headers so far.
    pub(super) fn headers_ended(&self) -> u64 {
        self.headers_ended
    }

    /// Follows bytes as they come.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Followed {
        let mut at = 0;
        while at < bytes.len() {
            match self.place {
                Place::Body { left } | Place::Chunk { left } => at += self.skip(left, &bytes[at..]),
                Place::BetweenRequests if matches!(bytes[at], b'\r' | b'\n') => at += 1,
                Place::BetweenRequests => self.place = Place::RequestLine,
                _ => {
                    let (length, is_whole) = self.line.take(&bytes[at..]);
                    at += length;
                    if is_whole {
                        let is_readable = self.end_line();
                        self.line.clear();
                        if !is_readable {
                            return Followed::Lost;
                        }
                        if let Some(fault) = self.header.fault.filter(|_| !self.is_in_header()) {
                            return Followed::Refused { taken: at, fault };
                        }
                    }
                }
            }
        }
        Followed::All
    }

    /// Passes over bytes of a body; returns how many.
    fn skip(&mut self, left: u64, bytes: &[u8]) -> usize {
        let skipped = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - skipped as u64;
        self.place = match self.place {
            Place::Body { .. } if left == 0 => Place::BetweenRequests,
            Place::Body { .. } => Place::Body { left },
            _ if left == 0 => Place::ChunkEnd,
            _ => Place::Chunk { left },
        };
        skipped
    }

    /// Moves on after a whole line. False if the line had to be understood and was not.
    fn end_line(&mut self) -> bool {
        let is_empty = self.line.is_empty();
        self.place = match self.place {
            Place::RequestLine => {
                self.header = Header::default();
                self.check_line_end();
                Place::HeaderLines
            }
            Place::HeaderLines if is_empty => {
                self.check_line_end();
                self.end_header()
            }
            Place::HeaderLines => {
                self.check_line_end();
                self.header.read(&self.line);
                Place::HeaderLines
            }
            Place::ChunkSize => match self.line.chunk_size() {
                Some(0) => Place::Trailers,
                Some(left) => Place::Chunk { left },
                None => return false,
            },
            Place::ChunkEnd if is_empty => Place::ChunkSize,
            Place::ChunkEnd => return false,
            Place::Trailers if is_empty => Place::BetweenRequests,
            other => other,
        };
        true
    }

    fn end_header(&mut self) -> Place {
        self.headers_ended += 1;
        if self.header.is_chunked && self.header.content_length.is_some() {
            self.header.fault =
                Some("a request has either `Content-Length` or `Transfer-Encoding`, not both");
        }
        match self.header.content_length {
            _ if self.header.is_chunked => Place::ChunkSize,
            Some(left) if left > 0 => Place::Body { left },
            _ => Place::BetweenRequests,
        }
    }

    fn check_line_end(&mut self) {
        if !self.line.ends_in_cr {
            self.header.fault = Some("a header line ends with CR LF, not with LF alone");
        }
    }
}

impl Line {
    /// Takes bytes up to the end of the line; returns how many, and whether the end was there.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let content = &bytes[..end.unwrap_or(bytes.len())];
        let room = KEPT_LINE_BYTES.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&content[..content.len().min(room)]);
        self.length += content.len();
        if let Some(last) = content.last() {
            self.ends_in_cr = *last == b'\r';
        }
        (end.map_or(bytes.len(), |end| end + 1), end.is_some())
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.length = 0;
        self.ends_in_cr = false;
    }

    fn is_empty(&self) -> bool {
        self.length == usize::from(self.ends_in_cr)
    }

    fn is_cut(&self) -> bool {
        self.length > self.kept.len()
    }

    /// The size at the beginning of a chunk, without its extensions.
    fn chunk_size(&self) -> Option<u64> {
        let line = self.kept.strip_suffix(b"\r").unwrap_or(&self.kept);
        let digits = line.split(|byte| matches!(byte, b';' | b' ' | b'\t')).next()?;
        let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
        u64::from_str_radix(text, 16).ok()
    }
}

impl Header {
    /// Reads a header line if it says how long the body is.
    fn read(&mut self, line: &Line) {
        let Some(colon) = line.kept.iter().position(|byte| *byte == b':') else {
            return;
        };
        let name = line.kept[..colon].trim_ascii();
        let value = line.kept[colon + 1..].trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.read_content_length(value, line.is_cut());
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.is_chunked || line.is_cut() || !value.eq_ignore_ascii_case(b"chunked") {
                self.fault = Some("the only transfer coding is one `Transfer-Encoding: chunked`");
            }
            self.is_chunked = true;
        }
    }

    fn read_content_length(&mut self, value: &[u8], is_cut: bool) {
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(value).ok().filter(|_| is_number && !is_cut);
        match (text.and_then(|text| text.parse().ok()), self.content_length) {
            (None, _) => self.fault = Some("`Content-Length` is a number of bytes"),
            (Some(length), Some(other)) if length != other => {
                self.fault = Some("two values of `Content-Length` differ");
            }
            (length, _) => self.content_length = length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows the bytes in pieces of every size: where reads are cut must not matter.
    fn follow(bytes: &str) -> (Followed, u64, bool) {
        let in_pieces = |size: usize| {
            let mut framing = Framing::default();
            let mut before = 0;
            for piece in bytes.as_bytes().chunks(size) {
                match framing.follow(piece) {
                    Followed::All => before += piece.len(),
                    Followed::Refused { taken, fault } => {
                        let refused = Followed::Refused {
                            taken: before + taken,
                            fault,
                        };
                        return (refused, framing.headers_ended(), framing.is_between_requests());
                    }
                    Followed::Lost => return (Followed::Lost, framing.headers_ended(), false),
                }
            }
            (
                Followed::All,
                framing.headers_ended(),
                framing.is_between_requests(),
            )
        };
        let whole = in_pieces(bytes.len());
        for size in 1..bytes.len() {
            assert_eq!(in_pieces(size), whole, "{bytes:?} in pieces of {size}");
        }
        whole
    }

    #[test]
    fn a_request_has_ended_with_its_body() {
        let mut framing = Framing::default();
        let mut ended = |bytes: &str| {
            framing.follow(bytes.as_bytes());
            framing.requests_ended()
        };
        assert_eq!(ended("POST / HTTP/1.1\r\nContent-Length: 2\r\n"), 0);
        assert_eq!(ended("\r\n"), 0);
        assert_eq!(ended("a"), 0);
        assert_eq!(ended("b"), 1);
        assert_eq!(ended("POST / HTTP/1.1\r\n"), 1);
        assert_eq!(ended("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"), 1);
        assert_eq!(ended("\r\n"), 2);
        assert_eq!(ended("GET / HTTP/1.1\r\n\r\nGET"), 3);
    }

    #[test]
    fn requests_one_after_the_other_are_told_apart() {
        let cases = [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
            ("\r\n\r\nGET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", 2),
            (
                "POST / HTTP/1.1\r\ncontent-LENGTH: 5\r\n\r\n\nGET GET / HTTP/1.1\r\n\r\n",
                2,
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                2,
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
                2,
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
                 A;x=y\r\nGET /\r\n\r\n.\r\n1\r\na\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                2,
            ),
        ];
        for (bytes, requests) in cases {
            assert_eq!(follow(bytes), (Followed::All, requests, true), "{bytes:?}");
        }
    }

    #[test]
    fn a_request_not_yet_whole_is_not_between_requests() {
        for bytes in [
            "G",
            "GET / HTTP/1.1\r\nHost: a\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        ] {
            assert!(!follow(bytes).2, "{bytes:?}");
        }
    }

    #[test]
    fn ambiguous_headers_are_refused_at_their_end() {
        let cases = [
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
        ];
        for header in cases {
            let (followed, requests, _) = follow(&format!("{header}0\r\n\r\nGET / HTTP/1.1\r\n\r\n"));
            let Followed::Refused { taken, .. } = followed else {
                panic!("{header:?} was let in")
            };
            assert_eq!((taken, requests), (header.len(), 1), "{header:?}");
        }
    }

    #[test]
    fn a_chunk_of_unknown_size_ends_the_connection() {
        for body in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\n",
            "1\r\nab\r\n",
            "10000000000000000\r\n",
        ] {
            let bytes = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            assert_eq!(follow(&bytes).0, Followed::Lost, "{body:?}");
        }
    }

    #[test]
    fn the_length_of_a_long_line_is_not_guessed() {
        let padded = format!(
            "POST / HTTP/1.1\r\nContent-Length:{}7\r\n\r\n",
            " ".repeat(KEPT_LINE_BYTES)
        );
        assert!(matches!(follow(&padded).0, Followed::Refused { .. }));
    }
}
