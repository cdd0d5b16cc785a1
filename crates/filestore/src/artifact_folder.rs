//! Artifacts of a run, logged model or trace.

use crate::folder::Kind;
use crate::{Folder, Problem, Report};

/// Nested folders; real ones have a handful.
const MAX_DEPTH: usize = 100;

/// A file below a folder of artifacts.
#[derive(Debug)]
pub struct ArtifactFile<'f> {
    /// The folder it is in.
    pub folder: &'f Folder,
    /// Its name there.
    pub name: &'f str,
    /// Its path below the folder of artifacts, with slashes.
    pub path: &'f str,
}

/// Calls back with each file, folder by folder in byte order. Links are reported and not followed.
pub fn for_each_artifact(
    folder: &Folder,
    report: Report<'_>,
    found: &mut dyn FnMut(&ArtifactFile<'_>, Report<'_>),
) {
    visit(folder, "", 0, report, found);
}

fn visit(
    folder: &Folder,
    prefix: &str,
    depth: usize,
    report: Report<'_>,
    found: &mut dyn FnMut(&ArtifactFile<'_>, Report<'_>),
) {
    for (name, kind) in folder.entries(report) {
        let path = format!("{prefix}{name}");
        match kind {
            Kind::File => found(
                &ArtifactFile {
                    folder,
                    name: &name,
                    path: &path,
                },
                report,
            ),
            Kind::Folder if depth == MAX_DEPTH => {
                report(Problem::new(
                    folder.path().join(&name),
                    "nested too deeply; it was skipped",
                ));
            }
            Kind::Folder => {
                if let Some(inner) = folder.folder(&name, report) {
                    visit(&inner, &format!("{path}/"), depth + 1, report, found);
                }
            }
        }
    }
}
