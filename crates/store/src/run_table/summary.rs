//! Many numbers as a few.

use super::groups::Aggregate;

/// Numbers about the values that the runs of a group have for a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How many finite values.
    pub count: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// Their sample standard deviation (n − 1); `None` below two.
    pub std: Option<f64>,
    /// The standard error of the mean; `None` below two.
    pub stderr: Option<f64>,
    /// The middle one, or the mean of the two in the middle.
    pub median: Option<f64>,
    /// The least.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// How many are NaN or infinite; they are left out of everything else.
    pub nan: usize,
}

impl Summary {
    /// Sums values up; `None` without any.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let all = values.len();
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        let count = values.len();
        let mean = mean(&values);
        let std = mean.filter(|_| count > 1).map(|mean| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            (squares / (count - 1) as f64).sqrt()
        });
        let middle = &values[count.saturating_sub(1) / 2..count / 2 + usize::from(count > 0)];
        Some(Self {
            count,
            mean,
            std,
            stderr: std.map(|std| std / (count as f64).sqrt()),
            median: self::mean(middle),
            min: values.first().copied(),
            max: values.last().copied(),
            nan: all - count,
        })
    }

    pub(super) fn get(&self, aggregate: Aggregate) -> Option<f64> {
        match aggregate {
            Aggregate::Mean => self.mean,
            Aggregate::Std => self.std,
            Aggregate::Median => self.median,
            Aggregate::Min => self.min,
            Aggregate::Max => self.max,
        }
    }
}

/// The mean without a sum, which overflows where numbers are large.
fn mean(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    match values {
        [] => None,
        _ if sum.is_finite() => Some(sum / count),
        _ => Some(values.iter().map(|value| value / count).sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_summed_up_without_nan_and_infinities() {
        let summary = Summary::of(vec![4.0, f64::NAN, 1.0, 3.0, f64::INFINITY, 2.0]).unwrap();
        assert_eq!((summary.count, summary.nan), (4, 2));
        assert_eq!((summary.mean, summary.median), (Some(2.5), Some(2.5)));
        assert_eq!((summary.min, summary.max), (Some(1.0), Some(4.0)));
        let std = (5.0_f64 / 3.0).sqrt();
        assert_eq!((summary.std, summary.stderr), (Some(std), Some(std / 2.0)));
    }

    #[test]
    fn few_values_have_few_numbers() {
        assert_eq!(Summary::of(Vec::new()), None);
        let one = Summary::of(vec![7.0]).unwrap();
        assert_eq!(
            (one.mean, one.median, one.std, one.stderr),
            (Some(7.0), Some(7.0), None, None)
        );
        let none = Summary::of(vec![f64::NAN]).unwrap();
        assert_eq!(
            (none.count, none.nan, none.mean, none.median, none.min),
            (0, 1, None, None, None)
        );
        let three = Summary::of(vec![3.0, 1.0, 9.0]).unwrap();
        assert_eq!(three.median, Some(3.0));
    }

    #[test]
    fn the_mean_of_large_numbers_is_finite() {
        assert_eq!(Summary::of(vec![f64::MAX; 2]).unwrap().mean, Some(f64::MAX));
    }
}
