//! Everything below a folder.

use std::collections::VecDeque;

use oxflow_artifacts::{ArtifactPath, Artifacts, ServableLocation};
use oxflow_core::Invalid;

use crate::ApiError;

/// Most files and folders in one ZIP. Each costs some 300 bytes of memory until the end.
const MAX_ITEMS: usize = 100_000;

/// Most folders within each other.
const MAX_DEPTH: usize = 64;

/// A file, or a folder with nothing in it.
#[derive(Debug)]
pub(super) struct Item {
    /// Below the root.
    pub(super) path: ArtifactPath,
    /// Below the folder that was asked for.
    pub(super) name: String,
    pub(super) is_dir: bool,
}

/// A folder that is still to be listed.
struct Ahead {
    path: Option<ArtifactPath>,
    name: String,
    depth: usize,
}

/// Lists a folder and all below. Too much is an error, not a part.
pub(super) async fn below(
    artifacts: &Artifacts,
    root: &ServableLocation,
    folder: Option<&ArtifactPath>,
) -> Result<Vec<Item>, ApiError> {
    let mut items = Vec::new();
    let mut ahead = VecDeque::from([Ahead {
        path: folder.cloned(),
        name: String::new(),
        depth: 0,
    }]);
    while let Some(folder) = ahead.pop_front() {
        if folder.depth > MAX_DEPTH {
            return Err(too_much(&format!(
                "folders within each other more than {MAX_DEPTH} deep"
            )));
        }
        let entries = artifacts.list(root, folder.path.as_ref()).await?;
        if items.len() + ahead.len() + entries.len() > MAX_ITEMS {
            return Err(too_much(&format!("more than {MAX_ITEMS} files and folders")));
        }
        if let (Some(path), true) = (
            folder.path.as_ref().filter(|_| folder.depth > 0),
            entries.is_empty(),
        ) {
            items.push(Item {
                path: path.clone(),
                name: folder.name.clone(),
                is_dir: true,
            });
        }
        for entry in entries {
            let own = ArtifactPath::parse(&entry.name)?;
            let path = match &folder.path {
                Some(parent) => parent.join(&own)?,
                None => own,
            };
            let slash = if folder.name.is_empty() { "" } else { "/" };
            let name = format!("{}{slash}{}", folder.name, entry.name);
            if entry.is_dir {
                let depth = folder.depth + 1;
                ahead.push_back(Ahead {
                    path: Some(path),
                    name,
                    depth,
                });
            } else {
                items.push(Item {
                    path,
                    name,
                    is_dir: false,
                });
            }
        }
    }
    Ok(items)
}

fn too_much(what: &str) -> ApiError {
    Invalid::new(format!(
        "there are {what} below this path; ask for its folders one by one"
    ))
    .into()
}
