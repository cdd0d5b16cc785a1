//! How long ago something was deleted, as `--older-than` has it.

use std::str::FromStr;

/// Units, longest first, in ms.
const UNITS: [(char, f64); 4] = [
    ('d', 86_400_000.0),
    ('h', 3_600_000.0),
    ('m', 60_000.0),
    ('s', 1_000.0),
];

/// Most that makes sense, about 30,000 years: what is older was deleted before there were computers.
const MOST_MS: f64 = 1e15;

/// A time span such as `1d2h3m4s` or `1.5d`: each unit at most once, in this order. MLflow 3.17: `--older-than`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// In ms.
    pub ms: i64,
}

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "expected a time such as `30d`, `8h`, `1d2h3m4s` or `1.5d`: days, hours, minutes, seconds, in this order"
                .to_owned()
        };
        let (mut rest, mut ms) = (text, 0.0);
        for (unit, unit_ms) in UNITS {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let (number, behind) = rest.split_at(end);
            let Some(behind) = behind.strip_prefix(unit).filter(|_| !number.is_empty()) else {
                continue;
            };
            ms += number.parse::<f64>().map_err(|_| wrong())? * unit_ms;
            rest = behind;
        }
        if text.is_empty() || !rest.is_empty() {
            return Err(wrong());
        }
        if ms > MOST_MS {
            return Err("nothing is as old as that".to_owned());
        }
        Ok(Self {
            ms: ms.round() as i64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up_and_may_have_fractions() {
        let ms = |text: &str| text.parse::<Age>().unwrap().ms;
        assert_eq!(ms("1d2h3m4s"), 93_784_000);
        assert_eq!(ms("1.5d"), 129_600_000);
        assert_eq!(ms(".5h1s"), 1_801_000);
        assert_eq!(ms("0s"), 0);
        assert_eq!(ms("1.2d3h4m5s"), 114_725_000);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "30",
            "d",
            "1w",
            "1s1d",
            "1d1d",
            "-1d",
            "1..2d",
            ".d",
            "1 d",
            "9e9d",
            "99999999999d",
        ] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }
}
