//! Params and tags: one file per key, in folders where the key has slashes.

use oxflow_core::{Key, KeyKind, Tag, truncate_chars};

use crate::folder::Kind;
use crate::{Folder, Problem, Report};

/// Keys may nest a little; a loop of mounts may nest for ever.
const MAX_DEPTH: usize = 64;

/// Calls back with each file of a folder and of those in it: its folder, its name, and the key it stands for.
pub(crate) fn for_each_key(
    folder: &Folder,
    kind: KeyKind,
    report: Report<'_>,
    found: &mut dyn FnMut(&Folder, &str, Key, Report<'_>),
) {
    visit(folder, "", kind, 0, report, found);
}

fn visit(
    folder: &Folder,
    prefix: &str,
    key_kind: KeyKind,
    depth: usize,
    report: Report<'_>,
    found: &mut dyn FnMut(&Folder, &str, Key, Report<'_>),
) {
    for (name, kind) in folder.entries(report) {
        let key = format!("{prefix}{name}");
        if kind == Kind::Folder {
            if depth == MAX_DEPTH {
                report(Problem::new(
                    folder.path().join(&name),
                    "nested too deeply; it was skipped",
                ));
            } else if let Some(inner) = folder.folder(&name, report) {
                visit(&inner, &format!("{key}/"), key_kind, depth + 1, report, found);
            }
            continue;
        }
        match Key::parse(&key, key_kind, "key") {
            Ok(key) => found(folder, &name, key, report),
            Err(invalid) => report(Problem::new(
                folder.path().join(&name),
                format!(
                    "not a key that MLflow allows; it was skipped ({})",
                    invalid.message
                ),
            )),
        }
    }
}

/// All pairs of `name` in a folder, in key order; values longer than `max_chars` are cut, and that is reported.
pub(crate) fn read(
    parent: &Folder,
    name: &str,
    kind: KeyKind,
    max_chars: usize,
    report: Report<'_>,
) -> Vec<Tag> {
    let mut pairs = Vec::new();
    let Some(folder) = parent.folder(name, report) else {
        return pairs;
    };
    for_each_key(
        &folder,
        kind,
        report,
        &mut |folder, file, key, report| match folder.text(file) {
            Ok(value) => {
                let value = cut(value, max_chars, folder, file, report);
                pairs.push(Tag {
                    key: key.into_string(),
                    value,
                });
            }
            Err(problem) => report(problem),
        },
    );
    pairs.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    pairs
}

fn cut(value: String, max_chars: usize, folder: &Folder, file: &str, report: Report<'_>) -> String {
    // A character is at least one byte, so a short byte length settles it without counting.
    if value.len() <= max_chars {
        return value;
    }
    let kept = truncate_chars(&value, max_chars);
    if kept.len() == value.len() {
        return value;
    }
    report(Problem::cut(folder.path().join(file), "the value", max_chars));
    kept.to_owned()
}
