//! What all runs have for one metric.

use std::collections::BTreeMap;

use crate::run_list::ListedId;

/// The latest value of one metric, of all runs that have it, of whichever experiment: 28 to 32 bytes a run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct MetricColumn {
    /// Ids of 32 lower-case hexadecimal digits, sorted.
    ids: Vec<u128>,
    /// Beside each id. NaN is NaN; infinities are stored as the largest numbers.
    values: Vec<f64>,
    /// Where the ids with the same first bits begin, and where the last ones end. Ids are random, so few share them.
    starts: Vec<u32>,
    /// Whatever else a client once chose as an id.
    others: BTreeMap<Box<str>, f64>,
}

impl MetricColumn {
    /// The latest value of a run; `None` if it does not have the metric.
    pub(crate) fn get(&self, run_id: ListedId<'_>) -> Option<f64> {
        match run_id {
            ListedId::Hex(id) => {
                let bucket = self.bucket(id);
                let (from, to) = (*self.starts.get(bucket)?, *self.starts.get(bucket + 1)?);
                let (from, to) = (from as usize, to as usize);
                let place = self.ids.get(from..to)?.binary_search(&id).ok()?;
                self.values.get(from + place).copied()
            }
            ListedId::Text(id) => self.others.get(id).copied(),
        }
    }

    /// Appends a run; before values are asked for, [`MetricColumn::ready`] has to come.
    pub(super) fn push(&mut self, run_id: &str, value: f64) {
        match ListedId::new(run_id) {
            ListedId::Hex(id) => {
                self.ids.push(id);
                self.values.push(value);
            }
            ListedId::Text(id) => {
                self.others.insert(id.into(), value);
            }
        }
    }

    /// The same, so that values are found.
    pub(super) fn ready(mut self) -> Self {
        // Out of the index they come in order.
        if !self.ids.is_sorted() {
            let mut pairs: Vec<(u128, f64)> = self.ids.into_iter().zip(self.values).collect();
            pairs.sort_unstable_by_key(|(id, _)| *id);
            (self.ids, self.values) = pairs.into_iter().unzip();
        }
        let buckets = self.ids.len().next_power_of_two();
        self.starts = vec![0; buckets + 1];
        for place in 0..self.ids.len() {
            let bucket = self.bucket(self.ids[place]);
            self.starts[bucket + 1] += 1;
        }
        for bucket in 0..buckets {
            self.starts[bucket + 1] += self.starts[bucket];
        }
        self
    }

    /// The first bits of an id: as many as there are buckets.
    fn bucket(&self, id: u128) -> usize {
        let bits = (self.starts.len().max(2) - 1).ilog2();
        usize::try_from(id.checked_shr(u128::BITS - bits).unwrap_or(0)).unwrap_or(0)
    }

    /// The same with what some runs have now; `None` where a run no longer has it.
    pub(super) fn with(&self, changed: &BTreeMap<Box<str>, Option<f64>>) -> Self {
        let mut others = self.others.clone();
        let mut numbers: BTreeMap<u128, Option<f64>> = BTreeMap::new();
        for (run_id, value) in changed {
            match (ListedId::new(run_id), value) {
                (ListedId::Hex(id), value) => drop(numbers.insert(id, *value)),
                (ListedId::Text(_), Some(value)) => drop(others.insert(run_id.clone(), *value)),
                (ListedId::Text(_), None) => drop(others.remove(run_id)),
            }
        }
        let mut merged = Self {
            ids: Vec::with_capacity(self.ids.len() + numbers.len()),
            values: Vec::with_capacity(self.ids.len() + numbers.len()),
            starts: Vec::new(),
            others,
        };
        let mut at = 0;
        for (id, value) in numbers {
            let end = at + self.ids[at..].partition_point(|other| *other < id);
            merged.ids.extend_from_slice(&self.ids[at..end]);
            merged.values.extend_from_slice(&self.values[at..end]);
            at = end + usize::from(self.ids.get(end) == Some(&id));
            if let Some(value) = value {
                merged.ids.push(id);
                merged.values.push(value);
            }
        }
        merged.ids.extend_from_slice(&self.ids[at..]);
        merged.values.extend_from_slice(&self.values[at..]);
        merged.ready()
    }

    /// Memory that it takes, about.
    pub(super) fn size_bytes(&self) -> usize {
        let texts: usize = self.others.keys().map(|id| id.len() + 40).sum();
        self.ids.capacity() * size_of::<u128>()
            + self.values.capacity() * size_of::<f64>()
            + self.starts.capacity() * size_of::<u32>()
            + texts
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn column(values: &BTreeMap<String, f64>) -> MetricColumn {
        let mut column = MetricColumn::default();
        for (id, value) in values.iter().rev() {
            column.push(id, *value);
        }
        column.ready()
    }

    proptest! {
        #[test]
        fn a_column_with_changes_is_that_of_the_changed_values(
            before in prop::collection::btree_map("[0-9a-f]{32}|0{31}[0-9]|[a-z]{1,3}", -9.0..9.0_f64, 0..20),
            changes in prop::collection::btree_map(
                "[0-9a-f]{32}|0{31}[0-9]|[a-z]{1,3}",
                prop::option::of(-9.0..9.0_f64),
                0..20,
            ),
        ) {
            let mut after = before.clone();
            for (id, value) in &changes {
                match value {
                    Some(value) => drop(after.insert(id.clone(), *value)),
                    None => drop(after.remove(id)),
                }
            }
            let changed = changes.iter().map(|(id, value)| (id.as_str().into(), *value)).collect();
            let merged = column(&before).with(&changed);
            prop_assert_eq!(&merged, &column(&after));
            for id in before.keys().chain(changes.keys()) {
                prop_assert_eq!(merged.get(ListedId::new(id)), after.get(id).copied());
            }
        }
    }
}
