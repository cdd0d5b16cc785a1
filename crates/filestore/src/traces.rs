//! Traces: what is known about each; the spans are an artifact (`traces.json`).

use std::collections::BTreeMap;

use oxflow_core::{ImportedAssessment, ImportedTrace, KeyKind, truncate_chars};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::folder::Kind;
use crate::yaml::{Scalar, bad_field, millis, number};
use crate::{Folder, Problem, Report, names, pairs, yaml};

/// Widths of columns of the tables of traces.
const VALUE_CHARS: usize = 8000;
const PREVIEW_CHARS: usize = 1000;
const ID_CHARS: usize = 50;

/// A trace of the store.
#[derive(Debug)]
pub struct TraceFolder {
    /// The trace.
    pub stored: ImportedTrace,
    folder: Folder,
}

#[derive(Debug, Deserialize)]
struct Meta {
    trace_id: Scalar,
    request_id: Scalar,
    timestamp_ms: Scalar,
    request_time: Scalar,
    execution_time_ms: Scalar,
    execution_duration_ms: Scalar,
    status: Scalar,
    state: Scalar,
    client_request_id: Scalar,
    request_preview: Scalar,
    response_preview: Scalar,
}

#[derive(Debug, Deserialize)]
struct AssessmentMeta {
    assessment_id: Scalar,
    assessment_name: Scalar,
    name: Scalar,
    create_time: Scalar,
    create_time_ms: Scalar,
    last_update_time: Scalar,
    last_update_time_ms: Scalar,
    source: Option<SourceMeta>,
    feedback: Option<Json>,
    expectation: Option<Json>,
    issue: Option<Json>,
    run_id: Scalar,
    span_id: Scalar,
    rationale: Scalar,
    overrides: Scalar,
    valid: Option<bool>,
    metadata: Option<BTreeMap<String, Scalar>>,
}

#[derive(Debug, Default, Deserialize)]
struct SourceMeta {
    source_type: Scalar,
    source_id: Scalar,
}

impl TraceFolder {
    pub(crate) fn read(folder: Folder, report: Report<'_>) -> Result<Option<Self>, Problem> {
        let Some(meta) = yaml::read::<Meta>(&folder, names::TRACE_INFO)? else {
            return Ok(None);
        };
        let trace_id = meta.trace_id.or(meta.request_id).unwrap_or_else(|| folder.name());
        if trace_id.chars().count() > ID_CHARS {
            return Err(bad_field(&folder, "trace_id", &trace_id));
        }
        let short = |text: Scalar, limit| text.map(|text: String| truncate_chars(&text, limit).to_owned());
        let mut stored = ImportedTrace {
            trace_id,
            timestamp_ms: time(&folder, "request_time", &meta.timestamp_ms, &meta.request_time)?,
            execution_time_ms: match number(&folder, "execution_time_ms", &meta.execution_time_ms)? {
                Some(time) => Some(time),
                None => number(&folder, "execution_duration_ms", &meta.execution_duration_ms)?,
            },
            state: meta.status.or(meta.state).unwrap_or_else(|| "OK".to_owned()),
            client_request_id: short(meta.client_request_id, ID_CHARS),
            request_preview: short(meta.request_preview, PREVIEW_CHARS),
            response_preview: short(meta.response_preview, PREVIEW_CHARS),
            tags: pairs::read(&folder, names::TAGS, KeyKind::Tag, VALUE_CHARS, report),
            metadata: pairs::read(&folder, names::TRACE_METADATA, KeyKind::Tag, VALUE_CHARS, report),
            assessments: Vec::new(),
        };
        if let Some(assessments) = folder.folder(names::ASSESSMENTS, report) {
            for (file, kind) in assessments.entries(report) {
                let Some(id) = file.strip_suffix(".yaml").filter(|_| kind == Kind::File) else {
                    continue;
                };
                match read_assessment(&assessments, &file, id) {
                    Ok(assessment) => stored.assessments.push(assessment),
                    Err(problem) => report(problem),
                }
            }
        }
        Ok(Some(Self { stored, folder }))
    }

    /// Where it is below the root of the store.
    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Its folder of artifacts, if there is one.
    pub fn artifacts(&self, report: Report<'_>) -> Option<Folder> {
        self.folder.folder(names::ARTIFACTS, report)
    }
}

fn read_assessment(folder: &Folder, file: &str, id: &str) -> Result<ImportedAssessment, Problem> {
    let path = folder.path().join(file);
    let missing = || Problem::new(&path, "it went away while it was read; it was skipped");
    let meta = yaml::read::<AssessmentMeta>(folder, file)?.ok_or_else(missing)?;
    let (kind, value, error) = match (meta.feedback, meta.expectation, meta.issue) {
        (Some(feedback), _, _) => {
            let error = feedback.get("error").filter(|error| !error.is_null()).cloned();
            ("feedback", member(&feedback, "value"), error)
        }
        (None, Some(expectation), _) => ("expectation", expected_value(&expectation), None),
        (None, None, Some(issue)) => ("issue", member(&issue, "issue_name"), None),
        (None, None, None) => {
            return Err(Problem::new(
                path,
                "neither feedback nor expectation; it was skipped",
            ));
        }
    };
    let created_ms = time(folder, "create_time", &meta.create_time_ms, &meta.create_time)?;
    let updated = time(
        folder,
        "last_update_time",
        &meta.last_update_time_ms,
        &meta.last_update_time,
    )?;
    let source = meta.source.unwrap_or_default();
    let metadata = meta.metadata.filter(|metadata| !metadata.is_empty());
    Ok(ImportedAssessment {
        assessment_id: meta.assessment_id.unwrap_or_else(|| id.to_owned()),
        name: meta.assessment_name.or(meta.name).unwrap_or_default(),
        kind,
        value: value.to_string(),
        error: error.map(|error| error.to_string()),
        created_ms,
        last_updated_ms: if updated == 0 { created_ms } else { updated },
        source_type: source.source_type.unwrap_or_else(|| "CODE".to_owned()),
        source_id: source.source_id,
        run_id: meta.run_id,
        span_id: meta.span_id,
        rationale: meta.rationale,
        overrides: meta.overrides,
        is_valid: meta.valid.unwrap_or(true),
        metadata: metadata.map(|metadata| {
            let members = metadata.into_iter().map(|(key, value)| (key, value.into()));
            Json::Object(members.collect()).to_string()
        }),
    })
}

fn member(object: &Json, name: &str) -> Json {
    object.get(name).cloned().unwrap_or_default()
}

/// A plain value, or JSON text for lists and objects.
fn expected_value(expectation: &Json) -> Json {
    let text = expectation
        .pointer("/serialized_value/value")
        .and_then(Json::as_str);
    match text.map(serde_json::from_str) {
        Some(Ok(value)) => value,
        _ => member(expectation, "value"),
    }
}

/// Milliseconds out of a number (MLflow 2) or a time with date (MLflow 3); 0 if there is neither.
fn time(folder: &Folder, field: &str, as_number: &Scalar, as_text: &Scalar) -> Result<i64, Problem> {
    if let Some(number) = millis(folder, field, as_number)? {
        return Ok(number);
    }
    let Some(text) = as_text.as_deref() else {
        return Ok(0);
    };
    match text.parse() {
        Ok(number) => Ok(number),
        Err(_) => rfc3339_ms(text).ok_or_else(|| bad_field(folder, field, text)),
    }
}

/// `2026-01-31T12:00:00.5Z`, or with an offset as `+01:00`.
fn rfc3339_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', ' '])?;
    let (clock, offset_minutes) = match rest.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => match rest.rfind(['+', '-']) {
            Some(at) => {
                let (hours, minutes) = rest[at + 1..].split_once(':')?;
                let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
                (
                    &rest[..at],
                    if rest[at..].starts_with('-') {
                        -minutes
                    } else {
                        minutes
                    },
                )
            }
            None => (rest, 0),
        },
    };
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut clock = clock.splitn(3, ':');
    let (hour, minute) = (
        clock.next()?.parse::<i64>().ok()?,
        clock.next()?.parse::<i64>().ok()?,
    );
    let seconds: f64 = clock.next()?.parse().ok()?;
    let is_possible = (1..=12).contains(&month) && (1..=31).contains(&day) && year.abs() < 10_000;
    let minutes = (days_from_1970(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    is_possible.then(|| minutes * 60_000 + (seconds * 1000.0).round() as i64)
}

/// Days of the Gregorian calendar (the known algorithm `days_from_civil`).
fn days_from_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_dates_are_milliseconds() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-21T05:46:47.367Z", Some(1_795_240_007_367)),
            ("2024-02-29T23:59:59.5+01:00", Some(1_709_247_599_500)),
            ("2024-02-29T21:59:59.5-01:00", Some(1_709_247_599_500)),
            ("1969-12-31T23:59:59Z", Some(-1000)),
            ("2024-13-01T00:00:00Z", None),
            ("yesterday", None),
        ] {
            assert_eq!(rfc3339_ms(text), expected, "{text}");
        }
    }
}
