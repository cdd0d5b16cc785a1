//! Folders that may belong to nothing, and locations that say otherwise.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use oxflow_artifacts::Artifacts;
use oxflow_store::{LocationOf, ids_in};
use percent_encoding::percent_decode_str;

/// How often a location is decoded when its names are looked at: what is encoded more often was not written by a client.
const MAX_DECODE_ROUNDS: usize = 3;

/// Folders, found by their names and by where they are.
#[derive(Debug)]
pub(super) struct Candidates {
    by_name: HashMap<String, Vec<usize>>,
    by_way: BTreeMap<Vec<String>, usize>,
    is_claimed: Vec<bool>,
}

impl Candidates {
    /// Folders by the ways to them ([`oxflow_artifacts::ServableLocation::way`]).
    pub(super) fn new(ways: impl Iterator<Item = Vec<String>>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let (mut by_way, mut is_claimed) = (BTreeMap::new(), Vec::new());
        for (at, way) in ways.enumerate() {
            is_claimed.push(false);
            let name = way.last().cloned().unwrap_or_default();
            by_name.entry(name).or_default().push(at);
            by_way.insert(way, at);
        }
        Self {
            by_name,
            by_way,
            is_claimed,
        }
    }

    /// Whether something belongs to the folder that was the nth.
    pub(super) fn is_claimed(&self, at: usize) -> bool {
        self.is_claimed[at]
    }

    /// Takes out folders that a location has to do with: those whose names are in it, wherever they are, as a link or another
    /// server's name can lead to the same place; those that are it or hold it; and, where all that is at the location
    /// belongs to its owner, those below.
    pub(super) fn claim(&mut self, artifacts: &Artifacts, of: LocationOf, location: &str) {
        let mut text = Cow::Borrowed(location);
        for _ in 0..=MAX_DECODE_ROUNDS {
            for name in ids_in(&text) {
                for at in self.by_name.remove(name).unwrap_or_default() {
                    self.is_claimed[at] = true;
                }
            }
            if !text.contains('%') {
                break;
            }
            text = Cow::Owned(percent_decode_str(&text).decode_utf8_lossy().into_owned());
        }
        if let Some(way) = artifacts.way_to(location) {
            self.claim_way(&way, of);
        }
    }

    /// The same by place only.
    pub(super) fn claim_way(&mut self, way: &[String], of: LocationOf) {
        for length in 1..=way.len() {
            if let Some(at) = self.by_way.remove(&way[..length]) {
                self.is_claimed[at] = true;
            }
        }
        if of == LocationOf::Owners {
            return;
        }
        let from_here = (Bound::Included(way), Bound::Unbounded);
        let below = self.by_way.range::<[String], _>(from_here);
        let below: Vec<Vec<String>> = below
            .map(|(other, _)| other)
            .take_while(|other| other.starts_with(way))
            .cloned()
            .collect();
        for other in below {
            if let Some(at) = self.by_way.remove(&other) {
                self.is_claimed[at] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use oxflow_artifacts::ArtifactsConfig;

    use super::*;

    const RUN: &str = "0123456789abcdef0123456789abcdef";

    fn artifacts() -> Artifacts {
        let config = ArtifactsConfig {
            destination: "/no/such/destination".to_owned(),
            default_root: "/no/such/root".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
            environment: Default::default(),
        };
        Artifacts::open(&config).unwrap()
    }

    /// Whether the location keeps the folder of [`RUN`] below the default root.
    fn keeps(of: LocationOf, location: &str) -> bool {
        let artifacts = artifacts();
        let folder = artifacts.way_to(&format!("/no/such/root/1/{RUN}")).unwrap();
        let other = artifacts.way_to("/no/such/root/1/other").unwrap();
        let mut candidates = Candidates::new([other, folder].into_iter());
        candidates.claim(&artifacts, of, location);
        candidates.is_claimed(1)
    }

    #[test]
    fn a_folder_is_kept_by_its_name_in_any_location() {
        for location in [
            format!("/elsewhere/1/{RUN}/artifacts"),
            format!("runs:/{RUN}/model"),
            format!("s3://bucket/{RUN}"),
            format!("dbfs:/x/{RUN}?y"),
            format!("file:///no/such/root/1/%30{}", &RUN[1..]),
            format!("file:///no/such/root/1/%2530{}", &RUN[1..]),
            RUN.to_owned(),
        ] {
            assert!(keeps(LocationOf::Owner, &location), "{location}");
            assert!(keeps(LocationOf::Owners, &location), "{location}");
        }
        assert!(!keeps(LocationOf::Owner, &format!("/no/such/root/1/{RUN}0")));
        assert!(!keeps(LocationOf::Owner, "%"));
    }

    #[test]
    fn a_folder_is_kept_by_what_it_is_in_if_that_is_all_of_one_owner() {
        for location in [
            "/no/such/root/1",
            "file:///no/such/root/",
            "/no",
            "/no/such//root/./1",
        ] {
            assert!(keeps(LocationOf::Owner, location), "{location}");
            assert!(!keeps(LocationOf::Owners, location), "{location}");
        }
        for location in [
            "/no/such/root/2",
            "/no/such/roo",
            "mlflow-artifacts:/1",
            "s3://no/such/root/1",
        ] {
            assert!(!keeps(LocationOf::Owner, location), "{location}");
        }
    }
}
