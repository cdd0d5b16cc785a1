//! Comparing many places with each other.

use crate::artifacts::{Artifacts, ServableLocation};
use crate::location::Location;
use crate::place::Place;

impl ServableLocation {
    /// The names on the way to it, beginning with the store. Two locations are one place if theirs are the same, and what is
    /// below a place has a way that begins with the place's.
    pub fn way(&self) -> Vec<String> {
        self.whole_place().way()
    }
}

impl Artifacts {
    /// The way to a stored location, whether it is served or not; `None` where that cannot be told.
    pub fn way_to(&self, stored_uri: &str) -> Option<Vec<String>> {
        let place = match Location::parse(stored_uri) {
            Location::Proxied(below) => self.proxy()?.whole_place().at(below.as_ref()),
            Location::Local(segments) => Place::Local(segments),
            Location::Object(address) => Place::Object(address),
            Location::Http(address) => Place::Http(address),
            Location::Remote { .. } | Location::Unusable => return None,
        };
        Some(place.way())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArtifactsConfig;

    #[test]
    fn a_place_has_one_way_however_it_is_written() {
        let config = ArtifactsConfig {
            destination: "/no/such/folder".to_owned(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
            environment: Default::default(),
        };
        let artifacts = Artifacts::open(&config).unwrap();
        let way = |uri: &str| artifacts.way_to(uri);
        let expected = way("/no/such/folder/1/r").unwrap();
        for same in [
            "mlflow-artifacts:/1/r",
            "mlflow-artifacts://host:5000/1/%72/",
            "https://h/api/2.0/mlflow-artifacts/artifacts/1/r",
            "file:///no/such/./folder//1/r",
        ] {
            assert_eq!(way(same).as_ref(), Some(&expected), "{same}");
            assert_eq!(artifacts.servable(same).unwrap().way(), expected, "{same}");
        }
        assert!(expected.starts_with(&way("/no/such").unwrap()));
        assert!(!expected.starts_with(&way("/no/such/fold").unwrap()));
        let buckets = [
            "s3://b/1",
            "S3://c/1",
            "gs://b/1",
            "wasbs://b@h/1",
            "wasbs://b@g/1",
            "http://b/1",
            "/b/1",
        ];
        let ways: std::collections::BTreeSet<_> = buckets.iter().map(|uri| way(uri).unwrap()).collect();
        assert_eq!(ways.len(), buckets.len());
        assert_eq!(way("s3://b/1/"), way("S3://b/1"));
        assert_eq!(way("runs:/1/x"), None);
    }
}
