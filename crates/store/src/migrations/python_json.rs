//! JSON and numbers as Python reads them.
//!
//! MLflow's upgrade reads old JSON texts with Python's `json`, `float` and `decimal`. These take more than
//! JSON allows (`NaN`, integers of any size, `" 1_000 "` as a number), and an upgraded row must be the same.

/// Deepest nesting that is read; Python gives up near 1000.
const MAX_DEPTH: usize = 500;

/// Longest integer that Python reads, in digits: `sys.get_int_max_str_digits`.
const MAX_DIGITS: usize = 4300;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// An integer, as its digits.
    Int(String),
    /// A number with a fraction or exponent, or one of `NaN`, `Infinity`, `-Infinity`.
    Float(f64),
    Text(String),
    List,
    /// In the order of the text; a repeated key has its last value.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text as `json.loads` does; `None` where that raises `ValueError`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let value = reader.value(0)?;
        reader.skip_space();
        reader.rest.is_empty().then_some(value)
    }

    /// The value of a key, if this is an object that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value as a finite number, as `float(value)` makes one; a truth value is none.
    pub(super) fn finite_float(&self) -> Option<f64> {
        match self {
            Self::Int(digits) => digits.parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Float(number) => Some(*number).filter(|number| number.is_finite()),
            Self::Text(text) => float_of_text(text),
            Self::Null | Self::Bool(_) | Self::List | Self::Object(_) => None,
        }
    }

    /// The value as a whole number that fits 64 bits, as `Decimal(str(value))` makes one; a truth value is
    /// none.
    pub(super) fn whole_number(&self) -> Option<i64> {
        match self {
            Self::Int(digits) => whole_number_of_text(digits),
            Self::Float(number) => whole_number_of_float(*number),
            Self::Text(text) => whole_number_of_text(text),
            Self::Null | Self::Bool(_) | Self::List | Self::Object(_) => None,
        }
    }
}

/// A float as a whole number: by its shortest decimal form, which is what Python's `str` writes.
pub(super) fn whole_number_of_float(number: f64) -> Option<i64> {
    // The shortest digits, padded with zeros; without a point when there is no fraction.
    format!("{number}").parse().ok()
}

/// What `float(text)` makes of a text, if that is finite.
fn float_of_text(text: &str) -> Option<f64> {
    let digits = without_underscores(trim(text))?;
    // Rust reads the rest as Python does: `+5`, `.5`, `5.`, `1e5`, `inf`, `nan`.
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

/// What `Decimal(text)` makes of a text, if that is whole and fits 64 bits.
fn whole_number_of_text(text: &str) -> Option<i64> {
    // `Decimal` takes underscores anywhere.
    let text = trim(text).replace('_', "");
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text.as_str(), 0),
    };
    let (is_negative, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // The power of ten of the last significant digit.
    let zeros_behind = digits.len() - digits.trim_end_matches('0').len();
    let power = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(i64::try_from(zeros_behind).ok()?)?;
    let power = u32::try_from(power).ok()?;
    let magnitude: i128 = significant
        .parse::<i128>()
        .ok()?
        .checked_mul(10_i128.checked_pow(power)?)?;
    i64::try_from(if is_negative { -magnitude } else { magnitude }).ok()
}

/// `str.strip()`: also the four separators that Unicode does not count as white space.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// Without the underscores between digits; `None` if one is elsewhere.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let is_misplaced =
        |at: usize| bytes[at] == b'_' && !(is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)));
    if (0..bytes.len()).any(is_misplaced) {
        return None;
    }
    Some(text.replace('_', ""))
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a text that must come next.
    fn take(&mut self, expected: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.chars().next()? {
            '"' => self.text().map(Json::Text),
            '{' => self.object(depth),
            '[' => self.list(depth),
            'n' => self.take("null").map(|()| Json::Null),
            't' => self.take("true").map(|()| Json::Bool(true)),
            'f' => self.take("false").map(|()| Json::Bool(false)),
            'N' => self.take("NaN").map(|()| Json::Float(f64::NAN)),
            'I' => self.take("Infinity").map(|()| Json::Float(f64::INFINITY)),
            '-' if self.rest.starts_with("-I") => {
                self.take("-Infinity").map(|()| Json::Float(f64::NEG_INFINITY))
            }
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Option<Json> {
        let bytes = self.rest.as_bytes();
        let digits_from = |start: usize| {
            let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit());
            start + digits.count()
        };
        let first = usize::from(bytes.first() == Some(&b'-'));
        let mut end = match bytes.get(first)? {
            b'0' => first + 1,
            b'1'..=b'9' => digits_from(first),
            _ => return None,
        };
        let whole_end = end;
        if bytes.get(end) == Some(&b'.') && digits_from(end + 1) > end + 1 {
            end = digits_from(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let start = end + 1 + sign;
            if start < bytes.len() && digits_from(start) > start {
                end = digits_from(start);
            }
        }
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        if end > whole_end {
            return number.parse().ok().map(Json::Float);
        }
        (end - first <= MAX_DIGITS).then(|| Json::Int(number.to_owned()))
    }

    fn text(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            text.push_str(&self.rest[..end]);
            self.rest = &self.rest[end..];
            if self.take("\"").is_some() {
                return Some(text);
            }
            self.take("\\")?;
            text.push(self.escaped()?);
        }
    }

    /// The character behind a backslash.
    fn escaped(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.four_hex()?;
                if (0xd800..0xdc00).contains(&high) && self.rest.starts_with("\\u") {
                    let before = self.rest;
                    self.take("\\u")?;
                    match self.four_hex()? {
                        low if (0xdc00..0xe000).contains(&low) => {
                            return char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                        }
                        _ => self.rest = before,
                    }
                }
                // Half a pair is no character: Python keeps it, but no database takes it.
                char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn four_hex(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = &self.rest[4..];
        u32::from_str_radix(digits, 16).ok()
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.take("[")?;
        self.skip_space();
        if self.take("]").is_some() {
            return Some(Json::List);
        }
        loop {
            self.value(depth + 1)?;
            self.skip_space();
            if self.take("]").is_some() {
                return Some(Json::List);
            }
            self.take(",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        let mut members: Vec<(String, Json)> = Vec::new();
        self.take("{")?;
        self.skip_space();
        if self.take("}").is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_space();
            let key = self.text()?;
            self.skip_space();
            self.take(":")?;
            let value = self.value(depth + 1)?;
            match members.iter_mut().find(|(name, _)| *name == key) {
                Some(member) => member.1 = value,
                None => members.push((key, value)),
            }
            self.skip_space();
            if self.take("}").is_some() {
                return Some(Json::Object(members));
            }
            self.take(",")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Json {
        Json::Text(text.to_owned())
    }

    #[test]
    fn json_is_read_as_python_reads_it() {
        let int = |digits: &str| Json::Int(digits.to_owned());
        for (written, read) in [
            ("null", Json::Null),
            (" true ", Json::Bool(true)),
            ("-0", int("-0")),
            (
                "123456789012345678901234567890",
                int("123456789012345678901234567890"),
            ),
            ("1.5e3", Json::Float(1500.0)),
            ("1e400", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
            ("\"a\\u00e9\\ud83d\\ude00\\n\"", text("aé😀\n")),
            ("\"\\ud83d\"", text("\u{fffd}")),
            ("[1, [2]]", Json::List),
            (
                "{\"a\": 1, \"a\": 2}",
                Json::Object(vec![("a".to_owned(), int("2"))]),
            ),
        ] {
            assert_eq!(Json::parse(written), Some(read), "{written}");
        }
        for written in [
            "",
            "01",
            "1.",
            "+1",
            ".5",
            "nan",
            "True",
            "'a'",
            "\"a\nb\"",
            "\"\\x\"",
            "[1,]",
            "{\"a\":1,}",
            "{a: 1}",
            "1 2",
            "\u{feff}1",
            "{\"a\"}",
        ] {
            assert_eq!(Json::parse(written), None, "{written}");
        }
        assert_eq!(Json::parse(&"[".repeat(100_000)), None);
        assert_eq!(Json::parse(&"9".repeat(MAX_DIGITS + 1)), None);
    }

    #[test]
    fn whole_numbers_are_those_of_decimal() {
        for (value, number) in [
            (Json::Int("42".to_owned()), Some(42)),
            (Json::Int("9223372036854775808".to_owned()), None),
            (Json::Float(5.0), Some(5)),
            (Json::Float(-0.0), Some(0)),
            (Json::Float(2.5), None),
            (Json::Float(f64::NAN), None),
            // The shortest digits count, not the exact value, which is 9223372036854774784.
            (
                Json::Float(9.223_372_036_854_775e18),
                Some(9_223_372_036_854_775_000),
            ),
            (text(" 1_000 "), Some(1000)),
            (text("1.5e1"), Some(15)),
            (text("1.50"), None),
            (text("120e-1"), Some(12)),
            (text("0e99999"), Some(0)),
            (text("1e99999"), None),
            (text("Infinity"), None),
            (text(""), None),
            (text("abc"), None),
            (Json::Bool(true), None),
            (Json::List, None),
        ] {
            assert_eq!(value.whole_number(), number, "{value:?}");
        }
    }

    #[test]
    fn finite_floats_are_those_of_float() {
        for (value, number) in [
            (Json::Int("1".repeat(400)), None),
            (Json::Int("3".to_owned()), Some(3.0)),
            (text(" .5 "), Some(0.5)),
            (text("1_0.5"), Some(10.5)),
            (text("1__0"), None),
            (text("_1"), None),
            (text("nan"), None),
            (text("1e999"), None),
            (Json::Bool(false), None),
            (Json::Null, None),
        ] {
            assert_eq!(value.finite_float(), number, "{value:?}");
        }
    }
}
