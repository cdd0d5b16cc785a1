//! What is printed: what is wrong as it is found, and sums at the end.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::check::{Difference, Found, Outcome};
use crate::commands::{print, size_in_words};

/// Sums of what was found.
#[derive(Debug, Default)]
pub struct Report {
    is_json: bool,
    read: u64,
    read_bytes: u64,
    same: u64,
    restored: u64,
    added: u64,
    accepted: u64,
    wrong: Vec<Value>,
    left_out: Vec<Value>,
}

impl Report {
    /// As text, or as one JSON object at the end.
    pub fn new(is_json: bool) -> Self {
        Self {
            is_json,
            ..Self::default()
        }
    }

    /// Counts what became of an artifact, and says what is wrong with it.
    pub fn add(&mut self, outcome: &Outcome) {
        if outcome.found != Found::NothingToAdd {
            self.read += 1;
            self.read_bytes += outcome.read_bytes;
        }
        let (kind, text, more) = match &outcome.found {
            Found::NothingToAdd => return,
            Found::Same => {
                self.same += 1;
                return;
            }
            Found::Restored => {
                self.restored += 1;
                return;
            }
            Found::Added => {
                self.added += 1;
                return;
            }
            Found::Accepted => {
                self.accepted += 1;
                return;
            }
            Found::Damaged(difference) => ("damaged", in_words(difference), digests(difference)),
            Found::Changed(difference) => ("changed", in_words(difference), digests(difference)),
            Found::Missing => ("missing", "there is no such file".to_owned(), json!({})),
            Found::Unreadable(why) => ("unreadable", why.clone(), json!({"reason": why})),
        };
        if !self.is_json {
            print(&format!("{kind:<11} {}: {text}", outcome.path));
        }
        let mut item = json!({"path": outcome.path, "kind": kind});
        if let (Some(item), Value::Object(more)) = (item.as_object_mut(), more) {
            item.extend(more);
        }
        self.wrong.push(item);
    }

    /// Says that there are checksums of a place that was not read.
    pub fn left_out(&mut self, tree: &str, artifacts: u64) {
        if !self.is_json {
            // When standard error is gone there is nobody left to tell.
            let _ = writeln!(
                std::io::stderr(),
                "warning: {artifacts} artifacts of `{tree}` were not read: no setting names that place; \
                 `--artifact-root-allow` does"
            );
        }
        self.left_out.push(json!({"tree": tree, "artifacts": artifacts}));
    }

    /// For the line of progress.
    pub fn so_far(&self) -> String {
        format!(
            "{} artifacts ({}) read, {} wrong",
            self.read,
            size_in_words(self.read_bytes),
            self.wrong.len()
        )
    }

    /// Prints the sums. Fails if something is wrong.
    pub fn end(&self) -> ExitCode {
        if self.is_json {
            let answer = json!({
                "read": self.read,
                "read_bytes": self.read_bytes,
                "same": self.same,
                "restored": self.restored,
                "added": self.added,
                "accepted": self.accepted,
                "wrong": self.wrong,
                "left_out": self.left_out,
            });
            print(&answer.to_string());
        } else {
            let mut text = format!(
                "{} artifacts ({}) read: {} as they came",
                self.read,
                size_in_words(self.read_bytes),
                self.same + self.restored
            );
            for (count, what) in [
                (self.restored, "of them restored"),
                (self.added, "added"),
                (self.accepted, "accepted"),
                (self.wrong.len() as u64, "wrong"),
            ] {
                if count > 0 {
                    let _ = write!(text, ", {count} {what}");
                }
            }
            print(&text);
        }
        if self.wrong.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn in_words(Difference { kept, there }: &Difference) -> String {
    format!("SHA-256 {there}, not {kept}")
}

fn digests(Difference { kept, there }: &Difference) -> Value {
    json!({"sha256": there.to_string(), "kept_sha256": kept.to_string()})
}
