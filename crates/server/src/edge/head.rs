//! The header of a request: where it ends, and what it says about the body.
//!
//! The same parser as hyper's reads it first, with the same limits, so that hyper gets no header that it would refuse
//! in words of its own, and both see the same two headers about the body.

use http::{Method, Uri};

use super::refusal::{MAX_PATH_BYTES, Refusal};

/// Most header lines of a request; more are answered 431. security.md, section 9.
pub(super) const MAX_HEADERS: usize = 100;

/// Most bytes of a request line and its headers; more are answered 431. security.md, section 9.
pub(super) const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Largest length of a body that hyper can tell from its marks for other kinds of bodies.
const MAX_LENGTH: u64 = u64::MAX - 2;

/// Longest method that is shown in the log for a request that was refused.
const MAX_SHOWN_METHOD: usize = 32;

/// What follows a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Nothing,
    Length(u64),
    Chunks,
}

/// Looks for the end of a header as its bytes come.
#[derive(Debug, Default)]
pub(super) struct Scan {
    length: usize,
    line_length: usize,
    is_after_cr: bool,
    has_line: bool,
}

impl Scan {
    /// Whether more has come than empty lines, which may stand between two requests.
    pub(super) fn has_begun(&self) -> bool {
        self.has_line || self.line_length > 0
    }

    /// Whether the request line has come.
    pub(super) fn has_line(&self) -> bool {
        self.has_line
    }

    /// Takes bytes up to the end of the header; returns how many if the end is there.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        for (at, byte) in bytes.iter().enumerate() {
            self.length += 1;
            if self.length > MAX_HEADER_BYTES {
                return Err(Refusal::HeaderTooLong);
            }
            match (*byte, self.is_after_cr) {
                (b'\n', true) => {
                    if self.line_length == 0 && self.has_line {
                        return Ok(Some(at + 1));
                    }
                    self.has_line |= self.line_length > 0;
                    self.line_length = 0;
                    self.is_after_cr = false;
                }
                (b'\n', false) => {
                    return Err(Refusal::Malformed(
                        "a header line ends with CR LF, not with LF alone",
                    ));
                }
                (_, true) => {
                    return Err(Refusal::Malformed("CR stands at the end of a header line only"));
                }
                (b'\r', false) => self.is_after_cr = true,
                (byte, false) if byte.is_ascii_control() && byte != b'\t' => {
                    return Err(Refusal::Malformed("a header has no control characters"));
                }
                _ => self.line_length += 1,
            }
        }
        Ok(None)
    }
}

/// Reads a whole header.
pub(super) fn read(head: &[u8]) -> Result<Announced, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(head).map_err(refusal)?;
    let (Some(method), Some(target), Some(version), false) =
        (request.method, request.path, request.version, parsed.is_partial())
    else {
        return Err(Refusal::Malformed("the header of the request is not whole"));
    };
    if Method::from_bytes(method.as_bytes()).is_err() || Uri::try_from(target).is_err() {
        return Err(NO_REQUEST_LINE);
    }
    let (mut length, mut is_chunked) = (None, false);
    for header in request.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let found = content_length(header.value)?;
            if length.is_some_and(|length| length != found) {
                return Err(Refusal::Malformed("two values of `Content-Length` differ"));
            }
            length = Some(found);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if is_chunked || version == 0 || !header.value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::Malformed(
                    "the only transfer coding is one `Transfer-Encoding: chunked`, of HTTP/1.1",
                ));
            }
            is_chunked = true;
        }
    }
    match (length, is_chunked) {
        (Some(_), true) => Err(Refusal::Malformed(
            "a request has either `Content-Length` or `Transfer-Encoding`, not both",
        )),
        (None, true) => Ok(Announced::Chunks),
        (Some(length), false) if length > MAX_LENGTH => Err(Refusal::LengthTooLarge { bytes: length }),
        (Some(length), false) if length > 0 => Ok(Announced::Length(length)),
        _ => Ok(Announced::Nothing),
    }
}

/// Looks at a header of which some lines have come: what speaks another protocol should not have to wait.
pub(super) fn check_beginning(head: &[u8]) -> Result<(), Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let parsed = httparse::Request::new(&mut headers).parse(head);
    parsed.map(|_| ()).map_err(refusal)
}

/// A header that hyper gets in place of one that was refused, with as much of its request line as can be read.
pub(super) fn stand_in(head: &[u8]) -> String {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let _ = request.parse(head); // It leaves in the request what it could read.
    let is_shown =
        |method: &&str| method.len() <= MAX_SHOWN_METHOD && Method::from_bytes(method.as_bytes()).is_ok();
    let is_target = |target: &&str| target.len() <= MAX_PATH_BYTES && Uri::try_from(*target).is_ok();
    let method = request.method.filter(is_shown).unwrap_or("-");
    let target = request.path.filter(is_target).unwrap_or("*");
    format!("{method} {target} HTTP/1.1\r\n\r\n")
}

const NO_REQUEST_LINE: Refusal = Refusal::Malformed("the first line is not that of an HTTP/1.1 request");

fn refusal(error: httparse::Error) -> Refusal {
    match error {
        httparse::Error::TooManyHeaders => Refusal::TooManyHeaders,
        httparse::Error::HeaderName => {
            Refusal::Malformed("a header line is a name, a colon right after it, and a value")
        }
        httparse::Error::HeaderValue => {
            Refusal::Malformed("the value of a header has a character that none may have")
        }
        _ => NO_REQUEST_LINE,
    }
}

fn content_length(value: &[u8]) -> Result<u64, Refusal> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(value).ok().filter(|_| is_number);
    text.and_then(|text| text.parse().ok())
        .ok_or(Refusal::Malformed("`Content-Length` is a number of bytes"))
}
