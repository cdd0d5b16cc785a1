//! Registered models, their versions, aliases and tags.

use oxflow_core::{ImportedModel, ImportedVersion, KeyKind, limits::MAX_USER_ID_CHARS, truncate_chars};
use serde::Deserialize;

use crate::folder::Kind;
use crate::yaml::{Scalar, bad_field, millis};
use crate::{Folder, Problem, Report, names, pairs, yaml};

/// Widths of columns of the registry's tables.
const DESCRIPTION_CHARS: usize = 5000;
const MODEL_TAG_CHARS: usize = 5000;
const TEXT_CHARS: usize = 500;

/// A registered model of the store.
#[derive(Debug)]
pub struct RegisteredModelFolder {
    folder: Folder,
}

#[derive(Debug, Deserialize)]
struct ModelMeta {
    name: Scalar,
    creation_timestamp: Scalar,
    last_updated_timestamp: Scalar,
    description: Scalar,
}

#[derive(Debug, Deserialize)]
struct VersionMeta {
    version: Scalar,
    creation_timestamp: Scalar,
    last_updated_timestamp: Scalar,
    description: Scalar,
    user_id: Scalar,
    current_stage: Scalar,
    source: Scalar,
    storage_location: Scalar,
    run_id: Scalar,
    run_link: Scalar,
    status: Scalar,
    status_message: Scalar,
}

impl RegisteredModelFolder {
    /// A folder of `models/`; `None` without `meta.yaml`: the folder may hold artifacts instead.
    pub(crate) fn open(folder: Folder, report: Report<'_>) -> Option<Self> {
        let entries = folder.entries(report);
        let is_model = entries
            .iter()
            .any(|(name, kind)| name == names::META && *kind == Kind::File);
        is_model.then_some(Self { folder })
    }

    /// Where it is below the root of the store.
    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Reads it. Versions that cannot be read are reported, and the others stay.
    pub fn read(&self, report: Report<'_>) -> Result<ImportedModel, Problem> {
        let folder = &self.folder;
        let missing = || {
            Problem::new(
                folder.path(),
                "meta.yaml went away while it was read; it was skipped",
            )
        };
        let meta = yaml::read::<ModelMeta>(folder, names::META)?.ok_or_else(missing)?;
        let mut versions = Vec::new();
        for name in folder.folder_names(report) {
            let Some(number) = name.strip_prefix(names::VERSION_PREFIX) else {
                continue;
            };
            let Some(version) = folder.folder(&name, report) else {
                continue;
            };
            match read_version(&version, number, report) {
                Ok(version) => versions.push(version),
                Err(problem) => report(problem),
            }
        }
        versions.sort_by_key(|version| version.version);
        let mut aliases = self.aliases(report);
        aliases.retain(|(alias, version)| {
            let is_known = versions.iter().any(|known| known.version == *version);
            if !is_known {
                let what =
                    format!("alias `{alias}` names version {version}, which is not there; it was skipped");
                report(Problem::new(folder.path(), what));
            }
            is_known
        });
        Ok(ImportedModel {
            name: meta
                .name
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| folder.name()),
            creation_time_ms: millis(folder, "creation_timestamp", &meta.creation_timestamp)?,
            last_updated_time_ms: millis(folder, "last_updated_timestamp", &meta.last_updated_timestamp)?,
            description: short(meta.description, DESCRIPTION_CHARS, folder, "description", report),
            tags: pairs::read(folder, names::TAGS, KeyKind::Tag, MODEL_TAG_CHARS, report),
            aliases,
            versions,
        })
    }

    fn aliases(&self, report: Report<'_>) -> Vec<(String, i64)> {
        let mut rows = Vec::new();
        let Some(folder) = self.folder.folder(names::ALIASES, report) else {
            return rows;
        };
        for (alias, kind) in folder.entries(report) {
            if kind != Kind::File {
                continue;
            }
            let row = folder.text(&alias).and_then(|text| match text.trim().parse() {
                Ok(version) => Ok((alias.clone(), version)),
                Err(_) => Err(bad_field(&folder, &alias, text.trim())),
            });
            match row {
                Ok(row) => rows.push(row),
                Err(problem) => report(problem),
            }
        }
        rows
    }
}

fn read_version(folder: &Folder, number: &str, report: Report<'_>) -> Result<ImportedVersion, Problem> {
    let missing = || Problem::new(folder.path(), "a version without meta.yaml; it was skipped");
    let meta = yaml::read::<VersionMeta>(folder, names::META)?.ok_or_else(missing)?;
    let said = meta.version.as_deref().unwrap_or(number);
    let version = said
        .parse()
        .ok()
        .filter(|version: &i64| *version > 0 && *version <= i64::from(i32::MAX) && said == number)
        .ok_or_else(|| bad_field(folder, "version", said))?;
    Ok(ImportedVersion {
        version,
        creation_time_ms: millis(folder, "creation_timestamp", &meta.creation_timestamp)?,
        last_updated_time_ms: millis(folder, "last_updated_timestamp", &meta.last_updated_timestamp)?,
        description: short(meta.description, DESCRIPTION_CHARS, folder, "description", report),
        user_id: short(meta.user_id, MAX_USER_ID_CHARS, folder, "user_id", report),
        current_stage: meta.current_stage.unwrap_or_else(|| "None".to_owned()),
        source: meta.source,
        storage_location: meta.storage_location,
        run_id: meta.run_id,
        run_link: short(meta.run_link, TEXT_CHARS, folder, "run_link", report),
        status: meta.status.unwrap_or_else(|| "READY".to_owned()),
        status_message: short(meta.status_message, TEXT_CHARS, folder, "status_message", report),
        tags: pairs::read(folder, names::TAGS, KeyKind::Tag, usize::MAX, report),
    })
}

fn short(text: Scalar, limit: usize, folder: &Folder, field: &str, report: Report<'_>) -> Scalar {
    let text = text?;
    let kept = truncate_chars(&text, limit);
    if kept.len() < text.len() {
        report(Problem::cut(folder.path(), &format!("`{field}`"), limit));
    }
    Some(kept.to_owned())
}
