//! What is tried again, how often, and after which wait.

use std::time::{Duration, SystemTime};

use crate::env::Env;
use crate::failure::Failure;

/// Most retries that can be asked for. MLflow 3.17: `_MLFLOW_HTTP_REQUEST_MAX_RETRIES_LIMIT`.
const MAX_RETRIES: u32 = 10;
/// Largest backoff factor. MLflow 3.17: `_MLFLOW_HTTP_REQUEST_MAX_BACKOFF_FACTOR_LIMIT`.
const MAX_BACKOFF_FACTOR: u32 = 120;
/// Longest wait that nobody asked for. urllib3: `Retry.DEFAULT_BACKOFF_MAX`.
const MAX_BACKOFF: Duration = Duration::from_secs(120);
/// Longest wait that a server can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Answers that mean "not now". MLflow 3.17: `_TRANSIENT_FAILURE_RESPONSE_CODES`.
const NOT_NOW: [u16; 6] = [408, 429, 500, 502, 503, 504];
/// Answers whose `Retry-After` counts. urllib3: `Retry.RETRY_AFTER_STATUS_CODES`.
const WITH_RETRY_AFTER: [u16; 3] = [413, 429, 503];

/// How often a request is sent again, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// Most times that a request is sent again.
    pub max_retries: u32,
    backoff_factor: u32,
    jitter_seconds: f64,
    respects_retry_after: bool,
}

impl RetryPolicy {
    /// As the variables of MLflow's clients say. Defaults: 7 retries, after 0, 4, 8, 16 … seconds and up to one more.
    pub fn from_env(env: &Env) -> Result<Self, Failure> {
        Ok(Self {
            max_retries: number(env, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", 7, MAX_RETRIES)?,
            backoff_factor: number(env, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", 2, MAX_BACKOFF_FACTOR)?,
            jitter_seconds: jitter(env)?,
            respects_retry_after: env
                .get("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER")
                .is_none_or(|value| value == "1" || value.eq_ignore_ascii_case("true")),
        })
    }

    /// No retries.
    pub fn none(self) -> Self {
        Self {
            max_retries: 0,
            ..self
        }
    }

    /// Whether an answer with this status may be another one later.
    pub fn is_not_now(status: u16) -> bool {
        NOT_NOW.contains(&status)
    }

    /// What a server that answered with this status wants to be waited for.
    pub fn wanted_wait(&self, status: u16, retry_after: Option<&str>, now: SystemTime) -> Option<Duration> {
        if !self.respects_retry_after || !WITH_RETRY_AFTER.contains(&status) {
            return None;
        }
        let text = retry_after?.trim();
        let wait = match text.parse() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => httpdate::parse_http_date(text)
                .ok()?
                .duration_since(now)
                .unwrap_or_default(),
        };
        Some(wait.min(MAX_RETRY_AFTER))
    }

    /// The wait before a retry, the first of which is 1; `random` is from 0 to 1.
    ///
    /// urllib3's `get_backoff_time`: nothing before the first, then the factor times 2, 4, 8 …
    pub fn backoff(&self, retry: u32, random: f64) -> Duration {
        if retry <= 1 {
            return Duration::ZERO;
        }
        let doubled = f64::from(self.backoff_factor) * f64::from(2_u32.saturating_pow(retry - 1));
        Duration::from_secs_f64(doubled + random * self.jitter_seconds).min(MAX_BACKOFF)
    }
}

/// A whole number of a variable, at most `max`.
pub fn number(env: &Env, name: &str, default: u32, max: u32) -> Result<u32, Failure> {
    let Some(text) = env.get(name) else {
        return Ok(default);
    };
    match text.trim().parse() {
        Ok(number) if number <= max => Ok(number),
        _ => Err(Failure::usage(format!(
            "{name} is `{text}`: expected a whole number from 0 to {max}"
        ))),
    }
}

fn jitter(env: &Env) -> Result<f64, Failure> {
    let name = "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER";
    let Some(text) = env.get(name) else {
        return Ok(1.0);
    };
    match text.trim().parse() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err(Failure::usage(format!(
            "{name} is `{text}`: expected seconds, from 0 to 3600"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(variables: &[(&str, &str)]) -> RetryPolicy {
        RetryPolicy::from_env(&Env::for_test(variables)).unwrap()
    }

    #[test]
    fn waits_double_after_the_first_retry() {
        let seconds = |policy: &RetryPolicy, random| {
            [1, 2, 3, 4, 7, 10].map(|retry| policy.backoff(retry, random).as_secs_f64())
        };
        assert_eq!(seconds(&policy(&[]), 0.0), [0.0, 4.0, 8.0, 16.0, 120.0, 120.0]);
        assert_eq!(seconds(&policy(&[]), 0.5), [0.0, 4.5, 8.5, 16.5, 120.0, 120.0]);
        let none = policy(&[
            ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0"),
            ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0"),
        ]);
        assert_eq!(seconds(&none, 1.0), [0.0; 6]);
    }

    #[test]
    fn a_server_may_say_how_long_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let wait = |status, text| {
            policy(&[])
                .wanted_wait(status, Some(text), now)
                .map(|wait| wait.as_secs())
        };
        assert_eq!(wait(503, "3"), Some(3));
        assert_eq!(wait(429, "Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(wait(429, "Sun, 06 Nov 1994 08:49:07 GMT"), Some(0));
        assert_eq!(wait(503, "999999"), Some(3600));
        assert_eq!((wait(500, "3"), wait(503, "soon")), (None, None));
        let deaf = policy(&[("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "false")]);
        assert_eq!(deaf.wanted_wait(503, Some("3"), now), None);
    }

    #[test]
    fn numbers_out_of_range_are_explained() {
        for (name, value) in [
            ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "11"),
            ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "-1"),
            ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "121"),
            ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "NaN"),
        ] {
            let said = RetryPolicy::from_env(&Env::for_test(&[(name, value)]))
                .unwrap_err()
                .to_string();
            assert!(said.contains(name) && said.contains(value), "{said}");
        }
    }
}
