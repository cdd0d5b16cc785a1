//! Values of settings as they are written: sizes, times, lists, choices.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use oxflow_store::SchemaPolicy;

use tracing_subscriber::EnvFilter;

/// A number of bytes: `4096`, `32MiB`, `1.5GB` is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

const BYTE_UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split_unit(text);
        let factor = match unit {
            "" => Some(1),
            unit => BYTE_UNITS
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(unit))
                .map(|(_, factor)| *factor),
        };
        let bytes = number
            .parse::<u64>()
            .ok()
            .zip(factor)
            .and_then(|(number, factor)| number.checked_mul(factor));
        bytes
            .filter(|bytes| *bytes > 0)
            .map(Self)
            .ok_or_else(|| "expected a size such as `1048576` or `32MiB`".into())
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = BYTE_UNITS[..4]
            .iter()
            .rev()
            .find(|(_, factor)| self.0.is_multiple_of(*factor));
        match binary {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A time: `25s`, `500ms`, `2m`, `1h`; a bare number is seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split_unit(text);
        let unit_ms = match unit {
            "ms" => Some(1),
            "" | "s" => Some(1_000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let ms = number
            .parse::<u64>()
            .ok()
            .zip(unit_ms)
            .and_then(|(number, unit)| number.checked_mul(unit));
        ms.map(|ms| Self(Duration::from_millis(ms)))
            .ok_or_else(|| "expected a time such as `25s` or `500ms`".into())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            ms if ms.is_multiple_of(1_000) => write!(f, "{}s", ms / 1_000),
            ms => write!(f, "{ms}ms"),
        }
    }
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// A number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub usize);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.parse().ok().filter(|count| (1..=1024).contains(count));
        count
            .map(Self)
            .ok_or_else(|| "expected a number from 1 to 1024".to_owned())
    }
}

/// A TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port(pub u16);

impl FromStr for Port {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| "expected a port from 0 to 65535".to_owned())
    }
}

/// Values separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommaList(pub Vec<String>);

impl FromStr for CommaList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Self(parts.map(str::to_owned).collect()))
    }
}

/// Yes or no, in the words that MLflow's command line accepts in a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch(pub bool);

impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(Self(true)),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(Self(false)),
            _ => Err("expected `true` or `false`".to_owned()),
        }
    }
}

/// The beginning of every path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(pub String);

impl FromStr for Prefix {
    type Err = String;

    /// The rules of MLflow's `_validate_static_prefix`, and no character that a path cannot hold as it is.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        if !text.starts_with('/') {
            Err("it must begin with `/`".to_owned())
        } else if text.ends_with('/') {
            Err("it must not end with `/`".to_owned())
        } else if !text.chars().all(is_plain)
            || text
                .split('/')
                .skip(1)
                .any(|part| matches!(part, "" | "." | ".."))
        {
            Err("it may hold letters, digits, `-`, `_`, `.`, `~` and single slashes".to_owned())
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

/// Value of `X-Frame-Options`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    SameOrigin,
    Deny,
    None,
}

impl FromStr for Frame {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "SAMEORIGIN" => Ok(Self::SameOrigin),
            "DENY" => Ok(Self::Deny),
            "NONE" => Ok(Self::None),
            _ => Err("expected SAMEORIGIN, DENY or NONE".to_owned()),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected `text` or `json`".to_owned()),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Which log lines are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLevel(String);

impl LogLevel {
    /// The directives of the filter.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is logged unless something else is said.
    pub fn info() -> Self {
        Self("info".to_owned())
    }

    /// What `--dev` asks for.
    pub fn debug() -> Self {
        Self("debug".to_owned())
    }
}

impl FromStr for LogLevel {
    type Err = String;

    /// Takes the names of Python's levels too.
    fn from_str(text: &str) -> Result<Self, String> {
        let level = match text.to_ascii_lowercase().as_str() {
            "warning" => "warn".to_owned(),
            "critical" | "fatal" => "error".to_owned(),
            "notset" => "trace".to_owned(),
            other => other.to_owned(),
        };
        let names_a_level = |part: &str| {
            let level = part.rsplit('=').next().unwrap_or(part);
            matches!(level, "off" | "error" | "warn" | "info" | "debug" | "trace")
        };
        if !level.split(',').all(names_a_level) || EnvFilter::try_new(&level).is_err() {
            return Err(
                "expected error, warn, info, debug or trace, or `info,oxflow_store=debug`".to_owned(),
            );
        }
        Ok(Self(level))
    }
}

/// When the server changes the schema of its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoMigrate {
    /// Never.
    Off,
    /// Only makes it in an empty database.
    Create,
    /// Makes it in an empty database, and upgrades an old one.
    On,
}

impl AutoMigrate {
    /// What the store may do about a schema that is missing or old.
    pub fn policy(self) -> SchemaPolicy {
        match self {
            Self::Off => SchemaPolicy::Check,
            Self::Create => SchemaPolicy::Create,
            Self::On => SchemaPolicy::Upgrade,
        }
    }
}

impl FromStr for AutoMigrate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "create" => Ok(Self::Create),
            "on" => Ok(Self::On),
            _ => Err("expected `off`, `create` or `on`".to_owned()),
        }
    }
}

impl fmt::Display for AutoMigrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Create => "create",
            Self::On => "on",
        })
    }
}

/// When statements of PostgreSQL are prepared under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PgPrepared {
    /// Unless the connection goes through a pooler.
    Auto,
    /// Never.
    Off,
}

impl FromStr for PgPrepared {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "off" => Ok(Self::Off),
            _ => Err("expected `auto` or `off`".to_owned()),
        }
    }
}

impl fmt::Display for PgPrepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Off => "off",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_or_carry_a_unit() {
        for (text, bytes) in [
            ("1", 1),
            ("4096", 4096),
            ("32MiB", 32 << 20),
            ("10 MB", 10_000_000),
            ("1gib", 1 << 30),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "0", "-1", "1.5MiB", "MiB", "5 parsecs", "99999999999TiB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        for bytes in [1, 1024, 1025, 32 << 20, 3 << 40] {
            assert_eq!(Bytes(bytes).to_string().parse(), Ok(Bytes(bytes)));
        }
    }

    #[test]
    fn times_are_seconds_or_carry_a_unit() {
        for (text, ms) in [
            ("25s", 25_000),
            ("0", 0),
            ("7", 7_000),
            ("500ms", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(text.parse(), Ok(Span(Duration::from_millis(ms))), "{text}");
        }
        for text in ["", "s", "-1s", "1.5s", "1d", "99999999999999999h"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn prefixes_follow_the_rules_of_mlflow() {
        for text in ["/mlflow", "/a/b-c_1"] {
            assert_eq!(text.parse(), Ok(Prefix(text.to_owned())));
        }
        for text in [
            "mlflow", "/", "/mlflow/", "/{x}", "/a//b", "/a/../b", "/a b", "/a?b",
        ] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }

    #[test]
    fn log_levels_have_rust_or_python_names() {
        for (text, level) in [
            ("INFO", "info"),
            ("warning", "warn"),
            ("CRITICAL", "error"),
            ("info,a::b=debug", "info,a::b=debug"),
        ] {
            assert_eq!(text.parse::<LogLevel>().unwrap().as_str(), level);
        }
        for text in ["", "loud", "info,", "a=loud"] {
            assert!(text.parse::<LogLevel>().is_err(), "{text}");
        }
    }
}
