//! Which packed series say what the rows say.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Pair;
use super::derived::Derived;
use super::headers::Expected;
use super::packed::Header;
use crate::{DbError, Result, Tx};

impl Tx<'_> {
    /// The headers that say what the rows say; the others are to be packed again.
    pub(super) fn usable_headers(
        &mut self,
        pairs: &[Pair],
        derived: &Derived,
        unpacked: &mut Vec<(usize, Expected)>,
    ) -> Result<BTreeMap<usize, Header>> {
        if !derived.is_there() || pairs.is_empty() {
            return Ok(BTreeMap::new());
        }
        let stored = self.stored_headers(pairs);
        let stored = self.or_nothing(stored, derived)?;
        let mut usable = BTreeMap::new();
        let mut doubtful = Vec::new();
        for (position, stored) in stored {
            let header = stored.header;
            if stored.is_behind {
                unpacked.push((position, Expected::Behind { build: header.build }));
            } else if derived.is_trusted(&pairs[position], &header) {
                usable.insert(position, header);
            } else {
                doubtful.push((position, header));
            }
        }
        let right: HashSet<usize> = self.still_right(pairs, &doubtful, derived)?.into_iter().collect();
        for (position, header) in doubtful {
            if right.contains(&position) {
                usable.insert(position, header);
            } else {
                unpacked.push((position, Expected::Behind { build: header.build }));
            }
        }
        Ok(usable)
    }

    /// What was read from our own tables. If somebody dropped them, nothing: then PostgreSQL has given up the
    /// transaction, and the call is run again.
    pub(crate) fn or_nothing<T: Default>(
        &self,
        read: Result<T, DbError>,
        derived: &Derived,
    ) -> Result<T, DbError> {
        match read {
            Err(error) if error.is_missing_table() => {
                derived.is_gone();
                match self.dialect() {
                    crate::Dialect::Sqlite => Ok(T::default()),
                    crate::Dialect::Postgres => Err(error.into_conflict()),
                }
            }
            other => other,
        }
    }
}

/// Pairs as the lists that statements take.
#[derive(Debug)]
pub(super) struct PairList {
    pub run_ids: Vec<String>,
    pub keys: Vec<String>,
    positions: HashMap<(String, String), usize>,
}

impl PairList {
    pub(super) fn new(pairs: &[Pair]) -> Self {
        let each_once = |texts: HashSet<&str>| texts.into_iter().map(str::to_owned).collect();
        Self {
            run_ids: each_once(pairs.iter().map(|pair| pair.run_id.as_str()).collect()),
            keys: each_once(pairs.iter().map(|pair| pair.key.as_str()).collect()),
            positions: pairs
                .iter()
                .enumerate()
                .map(|(at, pair)| (pair.name(), at))
                .collect(),
        }
    }

    pub(super) fn position(&self, run_id: &str, key: &str) -> Option<usize> {
        self.positions.get(&(run_id.to_owned(), key.to_owned())).copied()
    }
}
