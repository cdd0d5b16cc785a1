//! Where a request begins and ends in the bytes of a connection.
//!
//! hyper 1.12 repairs some requests that security.md, section 2, refuses, and leaves no trace of it: it drops
//! `Content-Length` beside `Transfer-Encoding`, takes `gzip, chunked` for `chunked`, and ends lines at a bare LF.
//! A proxy in front that repairs differently sees other requests than we do. So the bytes are followed here: hyper
//! gets whole headers that were found good, and of a body what can be understood in one way only.

use super::head::{self, Announced, Scan};
use super::refusal::Refusal;

/// Why a request is not let in.
pub(super) type Fault = &'static str;

/// Bytes of a line of a chunked body that are kept; a size with its extensions has no more.
const KEPT_LINE_BYTES: usize = 256;

/// Digits of the largest size of a chunk.
const MAX_SIZE_DIGITS: usize = 16;

/// What came of some bytes. The first `passed` of them are fine.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Followed {
    /// The others are the beginning of a header.
    All { passed: usize },
    /// The header after them is refused; nothing of it or after it may be parsed.
    Refused {
        passed: usize,
        refusal: Refusal,
        /// A header to give hyper in its place.
        stand_in: String,
    },
    /// What follows can be understood in more than one way, so nobody knows where the request ends.
    Lost { passed: usize },
}

impl Followed {
    pub(super) fn passed(&self) -> usize {
        match self {
            Self::All { passed } | Self::Refused { passed, .. } | Self::Lost { passed } => *passed,
        }
    }
}

/// Follows the requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    place: Place,
    scan: Scan,
    is_beginning_checked: bool,
    line: Line,
    headers_ended: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a header, or in front of it.
    #[default]
    Header,
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

/// A line of a chunked body that is being read.
#[derive(Debug, Default)]
struct Line {
    /// Its beginning, without the line end.
    kept: Vec<u8>,
    length: usize,
    ends_in_cr: bool,
    has_control: bool,
}

impl Framing {
    /// Whether some but not all of a header has come.
    pub(super) fn is_in_header(&self) -> bool {
        self.place == Place::Header && self.scan.has_begun()
    }

    /// Whether a request has been received whole and no further one was begun.
    pub(super) fn is_between_requests(&self) -> bool {
        self.place == Place::Header && !self.scan.has_begun()
    }

    /// Requests received whole so far, with their bodies.
    pub(super) fn requests_ended(&self) -> u64 {
        match self.place {
            Place::Header => self.headers_ended,
            _ => self.headers_ended.saturating_sub(1), // In the body of the last one.
        }
    }

    /// Headers so far that were complete, or refused before.
    pub(super) fn headers_ended(&self) -> u64 {
        self.headers_ended
    }

    /// Follows bytes as they come. Those that did not pass the last time come again in front: `seen` many.
    pub(super) fn follow(&mut self, bytes: &[u8], seen: usize) -> Followed {
        let mut at = seen;
        let mut passed = 0;
        while at < bytes.len() {
            match self.place {
                Place::Body { left } | Place::Chunk { left } => {
                    at += self.skip(left, &bytes[at..]);
                    passed = at;
                }
                Place::Header => match self.follow_header(&bytes[passed..], at - passed) {
                    Ok(None) => return Followed::All { passed },
                    Ok(Some(length)) => {
                        passed += length;
                        at = passed;
                    }
                    Err(refusal) => {
                        self.scan = Scan::default();
                        self.headers_ended += 1;
                        return Followed::Refused {
                            passed,
                            refusal,
                            stand_in: head::stand_in(&bytes[passed..]),
                        };
                    }
                },
                _ => {
                    let (length, is_whole) = self.line.take(&bytes[at..]);
                    at += length;
                    if is_whole {
                        let is_readable = self.end_line();
                        self.line.clear();
                        if !is_readable {
                            return Followed::Lost { passed };
                        }
                        passed = at;
                    }
                }
            }
        }
        Followed::All { passed: at }
    }

    /// Follows a header, of which `seen` bytes were looked at before; returns its length if it is whole.
    fn follow_header(&mut self, bytes: &[u8], seen: usize) -> Result<Option<usize>, Refusal> {
        let Some(length) = self.scan.take(&bytes[seen..])? else {
            if self.scan.has_line() && !self.is_beginning_checked {
                self.is_beginning_checked = true;
                head::check_beginning(bytes)?;
            }
            return Ok(None);
        };
        let length = seen + length;
        self.place = match head::read(&bytes[..length])? {
            Announced::Nothing => Place::Header,
            Announced::Length(left) => Place::Body { left },
            Announced::Chunks => Place::ChunkSize,
        };
        self.headers_ended += 1;
        self.scan = Scan::default();
        self.is_beginning_checked = false;
        Ok(Some(length))
    }

    /// Passes over bytes of a body; returns how many.
    fn skip(&mut self, left: u64, bytes: &[u8]) -> usize {
        let skipped = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - skipped as u64;
        self.place = match self.place {
            Place::Body { .. } if left == 0 => Place::Header,
            Place::Body { .. } => Place::Body { left },
            _ if left == 0 => Place::ChunkEnd,
            _ => Place::Chunk { left },
        };
        skipped
    }

    /// Moves on after a whole line of a chunked body. False if it was not understood.
    fn end_line(&mut self) -> bool {
        let is_empty = self.line.is_empty();
        self.place = match self.place {
            _ if !self.line.is_plain() => return false,
            Place::ChunkSize => match self.line.chunk_size() {
                Some(0) => Place::Trailers,
                Some(left) => Place::Chunk { left },
                None => return false,
            },
            Place::ChunkEnd if is_empty => Place::ChunkSize,
            Place::ChunkEnd => return false,
            Place::Trailers if is_empty => Place::Header,
            other => other,
        };
        true
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
        if let Some((last, others)) = content.split_last() {
            self.has_control |= self.ends_in_cr || others.iter().any(|byte| is_control(*byte));
            self.ends_in_cr = *last == b'\r';
            self.has_control |= is_control(*last) && !self.ends_in_cr;
        }
        (end.map_or(bytes.len(), |end| end + 1), end.is_some())
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.length = 0;
        self.ends_in_cr = false;
        self.has_control = false;
    }

    /// Whether it ends with CR LF and everybody sees its end there: no other CR, no control character.
    fn is_plain(&self) -> bool {
        self.ends_in_cr && !self.has_control
    }

    fn is_empty(&self) -> bool {
        self.length == usize::from(self.ends_in_cr)
    }

    fn is_cut(&self) -> bool {
        self.length > self.kept.len()
    }

    /// The size at the beginning of a chunk, without its extensions; `None` too if the line is longer than what was
    /// kept, or has more digits than a size needs: zeros in front of it that we count differently than others.
    fn chunk_size(&self) -> Option<u64> {
        if self.is_cut() {
            return None;
        }
        let line = self.kept.strip_suffix(b"\r").unwrap_or(&self.kept);
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, rest) = line.split_at_checked(digits)?;
        let rest = rest.trim_ascii_start();
        if digits.len() > MAX_SIZE_DIGITS || !(rest.is_empty() || rest.starts_with(b";")) {
            return None;
        }
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Followed = Followed::All { passed: 0 };
    const LOST: Followed = Followed::Lost { passed: 0 };

    /// Follows the bytes in pieces of every size: where reads are cut must not matter.
    fn follow(bytes: &str) -> (Followed, u64, bool) {
        let in_pieces = |size: usize| {
            let mut framing = Framing::default();
            let mut before = 0;
            let mut held = Vec::new();
            for piece in bytes.as_bytes().chunks(size) {
                let seen = held.len();
                held.extend_from_slice(piece);
                match framing.follow(&held, seen) {
                    Followed::All { passed } => {
                        before += passed;
                        held.drain(..passed);
                    }
                    Followed::Refused { passed, refusal, .. } => {
                        let refused = Followed::Refused {
                            passed: before + passed,
                            refusal,
                            stand_in: String::new(),
                        };
                        return (refused, framing.headers_ended(), framing.is_between_requests());
                    }
                    Followed::Lost { .. } => return (LOST, framing.headers_ended(), false),
                }
            }
            (ALL, framing.headers_ended(), framing.is_between_requests())
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
        let mut held = Vec::new();
        let mut ended = |bytes: &str| {
            let seen = held.len();
            held.extend_from_slice(bytes.as_bytes());
            if let Followed::All { passed } = framing.follow(&held, seen) {
                held.drain(..passed);
            }
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
            assert_eq!(follow(bytes), (ALL, requests, true), "{bytes:?}");
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
    fn ambiguous_headers_are_refused_and_nothing_of_them_passes() {
        let cases = [
            "\n",
            "\r\r\n",
            "\r\n\nGET / HTTP/1.1\r\n\r\n",
            "\x16\x03",
            "GET / HTTP/1.1\r\nNo-Colon\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\n",
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
            let Followed::Refused { passed, .. } = followed else {
                panic!("{header:?} was let in")
            };
            assert_eq!((passed, requests), (0, 1), "{header:?}");
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
            assert_eq!(follow(&bytes).0, LOST, "{body:?}");
        }
    }

    #[test]
    fn a_line_of_a_chunked_body_that_others_may_read_differently_ends_the_connection() {
        for body in [
            "1\nab\r\n".to_owned(),
            "1\r\na\n0\r\n\r\n".to_owned(),
            "0\n\r\n".to_owned(),
            "0\r\n\n".to_owned(),
            "0\r\nX: a\n\n".to_owned(),
            "0\r\nX: a\n\r\n".to_owned(),
            "0\r\nX: a\rb\r\n\r\n".to_owned(),
            format!("0\r\nX: {}\rb\r\n\r\n", "a".repeat(KEPT_LINE_BYTES)),
            "1;a\rb\r\na\r\n0\r\n\r\n".to_owned(),
            "1;\"\n\"\r\na\r\n0\r\n\r\n".to_owned(),
            "1\r\r\na\r\n0\r\n\r\n".to_owned(),
            "1\r\na\r\r\n0\r\n\r\n".to_owned(),
            "1;a\0b\r\na\r\n0\r\n\r\n".to_owned(),
            "1 1\r\na\r\n0\r\n\r\n".to_owned(),
            " 1\r\na\r\n0\r\n\r\n".to_owned(),
            "0x1\r\na\r\n0\r\n\r\n".to_owned(),
            "00000000000000001\r\na\r\n0\r\n\r\n".to_owned(),
            format!("{}18\r\n", "0".repeat(KEPT_LINE_BYTES)),
            format!("1;{}\r\na\r\n0\r\n\r\n", "a".repeat(KEPT_LINE_BYTES)),
        ] {
            let bytes = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}GET /");
            assert_eq!(follow(&bytes).0, LOST, "{body:?}");
        }
    }

    #[test]
    fn what_stands_in_for_a_refused_header_is_good_and_has_its_request_line() {
        let long = format!("GET /{} HTTP/1.1\r\nA\r\n\r\n", "a".repeat(40_000));
        for (bytes, expected) in [
            (
                "HEAD /a?b HTTP/1.1\r\nNo-Colon\r\n\r\n",
                "HEAD /a?b HTTP/1.1\r\n\r\n",
            ),
            ("PUT /a HTTP/1.1\nA: b\r\n", "PUT /a HTTP/1.1\r\n\r\n"),
            ("GET /\0 HTTP/1.1\r\n\r\n", "GET * HTTP/1.1\r\n\r\n"),
            ("\x16\x03\x01", "- * HTTP/1.1\r\n\r\n"),
            (long.as_str(), "GET * HTTP/1.1\r\n\r\n"),
        ] {
            let followed = Framing::default().follow(bytes.as_bytes(), 0);
            let Followed::Refused { stand_in, .. } = followed else {
                panic!("{bytes:?} was let in")
            };
            assert_eq!(stand_in, expected, "{bytes:?}");
            let again = Framing::default().follow(stand_in.as_bytes(), 0);
            assert_eq!(
                again,
                Followed::All {
                    passed: stand_in.len()
                },
                "{bytes:?}"
            );
        }
    }
}
