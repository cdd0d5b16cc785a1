//! `series` of Oxflow's own API: charts of metrics.

use oxflow_core::{Axis, Series, SeriesBuckets, SeriesData};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Double, Field, Int64, List, Scalar};

/// Body of `POST series`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct GetSeries {
    pub runs: List<Field<String>>,
    pub keys: List<Field<String>>,
    pub x: Field<Axis>,
    pub from: Field<Bound>,
    pub to: Field<Bound>,
    pub width: Field<Int64>,
}

impl Scalar for Axis {
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "step" => Some(Self::Step),
            "time" => Some(Self::Time),
            "relative" => Some(Self::Relative),
            _ => None,
        }
    }
}

/// An end of a range of integers; it may lie between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The integer that is least in a range from here.
    pub least_above: i64,
    /// The integer that is greatest in a range up to here.
    pub greatest_below: i64,
}

impl Scalar for Bound {
    fn from_text(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(number) => Self::from_int(number),
            Err(_) => f64::from_text(text).and_then(Self::from_float),
        }
    }
    fn from_int(number: i64) -> Option<Self> {
        Some(Self {
            least_above: number,
            greatest_below: number,
        })
    }
    fn from_float(number: f64) -> Option<Self> {
        // What is beyond 64 bits becomes the greatest or least integer.
        (!number.is_nan()).then(|| Self {
            least_above: number.ceil() as i64,
            greatest_below: number.floor() as i64,
        })
    }
}

/// Answer to `series`.
#[derive(Debug, Serialize)]
pub struct SeriesAnswer<'a> {
    series: Vec<SeriesJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SeriesJson<'a> {
    run: &'a str,
    key: &'a str,
    total: u64,
    in_range: u64,
    raw: bool,
    nan: u64,
    inf: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(flatten)]
    columns: Option<Columns<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Columns<'a> {
    Raw {
        x: &'a [i64],
        value: Doubles<'a>,
    },
    Buckets {
        x: &'a [i64],
        x_last: &'a [i64],
        min: DoublesOrNull<'a>,
        max: DoublesOrNull<'a>,
        last: DoublesOrNull<'a>,
        n: &'a [u64],
        nan_n: &'a [u64],
    },
}

impl<'a> Columns<'a> {
    fn of(data: &'a SeriesData) -> Self {
        match data {
            SeriesData::Raw { x, value } => Self::Raw {
                x,
                value: Doubles(value),
            },
            SeriesData::Buckets(buckets) => Self::Buckets {
                x: &buckets.x,
                x_last: &buckets.x_last,
                min: DoublesOrNull(&buckets.min),
                max: DoublesOrNull(&buckets.max),
                last: DoublesOrNull(&buckets.last),
                n: &buckets.n,
                nan_n: &buckets.nan_n,
            },
        }
    }
}

impl<'a> SeriesAnswer<'a> {
    /// The answer as JSON has it.
    pub fn new(series: &'a [Series]) -> Self {
        let one = |series: &'a Series| SeriesJson {
            columns: Some(Columns::of(&series.data)),
            ..head(series)
        };
        Self {
            series: series.iter().map(one).collect(),
        }
    }

    /// What stands before the columns in the answer as bytes.
    fn heads(series: &'a [Series]) -> Self {
        let one = |series: &'a Series| SeriesJson {
            length: Some(series.data.len()),
            ..head(series)
        };
        Self {
            series: series.iter().map(one).collect(),
        }
    }
}

fn head(series: &Series) -> SeriesJson<'_> {
    SeriesJson {
        run: series.run_id.as_str(),
        key: &series.key,
        total: series.total,
        in_range: series.in_range,
        raw: matches!(series.data, SeriesData::Raw { .. }),
        nan: series.nan,
        inf: series.inf,
        length: None,
        columns: None,
    }
}

/// The media type of the answer as bytes.
pub const SERIES_MEDIA_TYPE: &str = "application/vnd.oxflow.series";

/// The answer as bytes: the length of the head, the head, then the columns as little-endian f64.
pub fn series_bytes(series: &[Series]) -> serde_json::Result<Vec<u8>> {
    let mut head = serde_json::to_vec(&SeriesAnswer::heads(series))?;
    // The columns begin at a multiple of 8, so that a browser can look at them in place.
    head.resize((4 + head.len()).next_multiple_of(8) - 4, b' ');
    let length = u32::try_from(head.len()).map_err(serde::ser::Error::custom)?;
    let numbers: usize = series.iter().map(|series| series.data.numbers()).sum();
    let mut bytes = Vec::with_capacity(4 + head.len() + 8 * numbers);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&head);
    for one in series {
        match &one.data {
            SeriesData::Raw { x, value } => {
                push(&mut bytes, x.iter().map(|x| *x as f64));
                push(&mut bytes, value.iter().copied());
            }
            SeriesData::Buckets(buckets) => push_buckets(&mut bytes, buckets),
        }
    }
    Ok(bytes)
}

fn push_buckets(bytes: &mut Vec<u8>, buckets: &SeriesBuckets) {
    for column in [&buckets.x, &buckets.x_last] {
        push(bytes, column.iter().map(|x| *x as f64));
    }
    for column in [&buckets.min, &buckets.max, &buckets.last] {
        push(bytes, column.iter().copied());
    }
    for column in [&buckets.n, &buckets.nan_n] {
        push(bytes, column.iter().map(|n| *n as f64));
    }
}

fn push(bytes: &mut Vec<u8>, numbers: impl Iterator<Item = f64>) {
    numbers.for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
}

/// A column in which NaN and infinities are texts.
#[derive(Debug)]
struct Doubles<'a>(&'a [f64]);

impl Serialize for Doubles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for number in self.0 {
            list.serialize_element(&Double(*number))?;
        }
        list.end()
    }
}

/// A column in which NaN means that there is nothing.
#[derive(Debug)]
struct DoublesOrNull<'a>(&'a [f64]);

impl Serialize for DoublesOrNull<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for number in self.0 {
            list.serialize_element(&(!number.is_nan()).then_some(*number))?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxflow_core::RunId;
    use serde_json::json;

    fn series(data: SeriesData) -> Series {
        Series {
            run_id: RunId::from_row("r".to_owned()),
            key: "loss".to_owned(),
            total: 3,
            in_range: 3,
            nan: 1,
            inf: 0,
            data,
        }
    }

    fn raw() -> Series {
        series(SeriesData::Raw {
            x: vec![0, 1, 2],
            value: vec![0.5, f64::NAN, f64::NEG_INFINITY],
        })
    }

    fn bucket() -> Series {
        series(SeriesData::Buckets(SeriesBuckets {
            x: vec![0],
            x_last: vec![9],
            min: vec![f64::NAN],
            max: vec![f64::NAN],
            last: vec![f64::NAN],
            n: vec![3],
            nan_n: vec![3],
        }))
    }

    #[test]
    fn numbers_that_json_lacks_are_texts_and_nothing_is_null() {
        let answer = serde_json::to_value(SeriesAnswer::new(&[raw(), bucket()])).unwrap();
        assert_eq!(
            answer,
            json!({"series": [
                {"run": "r", "key": "loss", "total": 3, "in_range": 3, "raw": true, "nan": 1, "inf": 0,
                 "x": [0, 1, 2], "value": [0.5, "NaN", "-Infinity"]},
                {"run": "r", "key": "loss", "total": 3, "in_range": 3, "raw": false, "nan": 1, "inf": 0,
                 "x": [0], "x_last": [9], "min": [null], "max": [null], "last": [null], "n": [3], "nan_n": [3]},
            ]})
        );
    }

    #[test]
    fn as_bytes_the_columns_follow_the_head_at_a_multiple_of_eight() {
        let bytes = series_bytes(&[raw(), bucket()]).unwrap();
        let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        assert_eq!((4 + length) % 8, 0);
        let head: serde_json::Value = serde_json::from_slice(&bytes[4..4 + length]).unwrap();
        assert_eq!(head["series"][0]["length"], 3);
        assert_eq!(head["series"][0].get("x"), None);
        let numbers: Vec<f64> = bytes[4 + length..]
            .chunks_exact(8)
            .map(|eight| f64::from_le_bytes(eight.try_into().unwrap()))
            .collect();
        assert_eq!(numbers.len(), 2 * 3 + 7);
        assert_eq!(numbers[..4], [0.0, 1.0, 2.0, 0.5]);
        assert!(numbers[4].is_nan() && numbers[5] == f64::NEG_INFINITY);
        assert_eq!(numbers[6..8], [0.0, 9.0]);
        assert!(numbers[8].is_nan());
        assert_eq!(numbers[11..], [3.0, 3.0]);
    }

    #[test]
    fn a_bound_between_integers_takes_the_integers_inside() {
        let bound = |json: &str| match serde_json::from_str::<Field<Bound>>(json).unwrap() {
            Field::Given(bound) => Some((bound.least_above, bound.greatest_below)),
            _ => None,
        };
        assert_eq!(bound("1.5"), Some((2, 1)));
        assert_eq!(bound("-1.5"), Some((-1, -2)));
        assert_eq!(
            bound("9007199254740993"),
            Some((9_007_199_254_740_993, 9_007_199_254_740_993))
        );
        assert_eq!(bound("1e300"), Some((i64::MAX, i64::MAX)));
        assert_eq!(bound("\"-Infinity\""), Some((i64::MIN, i64::MIN)));
        assert_eq!(bound("\"NaN\""), None);
        assert_eq!(bound("[1]"), None);
    }
}
