//! Which roots the server may touch, and opening them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use percent_encoding::percent_decode_str;

use crate::location::{split_authority, split_scheme};
use crate::temp_file::sweep;

/// Artifact storage as the operator configured it.
#[derive(Debug, Clone)]
pub struct ArtifactsConfig {
    /// Where the proxy stores (`--artifacts-destination`): a local path or a URI.
    pub destination: String,
    /// Location of new experiments (`--default-artifact-root`). Served when it is a local path;
    /// clients reach any other place themselves.
    pub default_root: String,
    /// Whether the artifact API of this server is on (`--serve-artifacts`).
    pub serve: bool,
    /// Further local trees the server may act upon (`--artifact-root-allow`).
    pub extra_roots: Vec<String>,
}

/// Why the artifact storage could not be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it stands for")]
pub enum OpenError {
    #[error(
        "`{flag}` names a `{scheme}:` location, but object stores come with a later release; use a local directory"
    )]
    ObjectStore { flag: &'static str, scheme: String },
    #[error("`{flag}` is `{given}`, which is not the path of a directory below `/`")]
    NotALocalDirectory { flag: &'static str, given: String },
    #[error("could not open the artifact directory `{}` of `{flag}`", path.display())]
    Io {
        flag: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

const DESTINATION: &str = "--artifacts-destination";
const DEFAULT_ROOT: &str = "--default-artifact-root";
const EXTRA_ROOT: &str = "--artifact-root-allow";

/// The local roots of a configuration: absolute, without `.` and `..`.
#[derive(Debug)]
pub(crate) struct Roots {
    /// Root of the proxy, when serving.
    pub proxy: Option<PathBuf>,
    /// Every local tree the server may act upon, that of the proxy included, each once.
    pub all: Vec<PathBuf>,
}

impl ArtifactsConfig {
    /// Resolves the roots and sweeps their left-over temporary files. Creates nothing.
    pub(crate) fn open_roots(&self) -> Result<Roots, OpenError> {
        // Where artifacts are not proxied the destination is only a default nobody chose.
        let destination = match local_root(&self.destination, DESTINATION) {
            Err(OpenError::ObjectStore { .. }) if !self.serve => None,
            other => Some((DESTINATION, other?)),
        };
        let default_root = match local_root(&self.default_root, DEFAULT_ROOT) {
            Err(OpenError::ObjectStore { .. }) => None,
            other => Some((DEFAULT_ROOT, other?)),
        };
        let proxy = destination
            .iter()
            .map(|(_, path)| path.clone())
            .find(|_| self.serve);
        let mut named: Vec<(&'static str, PathBuf)> = destination.into_iter().chain(default_root).collect();
        for extra in &self.extra_roots {
            named.push((EXTRA_ROOT, local_root(extra, EXTRA_ROOT)?));
        }
        let mut all: Vec<PathBuf> = Vec::new();
        for (flag, path) in named {
            check_root(flag, &path)?;
            if !all.contains(&path) {
                all.push(path);
            }
        }
        Ok(Roots { proxy, all })
    }
}

/// A root that exists must be a directory; one that does not is made by the first upload.
fn check_root(flag: &'static str, path: &Path) -> Result<(), OpenError> {
    match sweep(path, SystemTime::now()) {
        Ok(()) => Ok(()),
        Err(source) => Err(OpenError::Io {
            flag,
            path: path.to_owned(),
            source,
        }),
    }
}

/// Resolves a path or `file:` URI; `ObjectStore` for every other scheme.
fn local_root(given: &str, flag: &'static str) -> Result<PathBuf, OpenError> {
    let refused = || OpenError::NotALocalDirectory {
        flag,
        given: given.to_owned(),
    };
    let path = match split_scheme(given) {
        None => given.to_owned(),
        Some((scheme, rest)) if scheme == "file" => {
            let (authority, path) = split_authority(rest);
            if !(authority.is_empty() || authority.eq_ignore_ascii_case("localhost")) {
                return Err(refused());
            }
            percent_decode_str(path)
                .decode_utf8()
                .map_err(|_| refused())?
                .into_owned()
        }
        Some((scheme, _)) => return Err(OpenError::ObjectStore { flag, scheme }),
    };
    if path.is_empty() || path.contains('\0') {
        return Err(refused());
    }
    let absolute = std::path::absolute(&path).map_err(|source| OpenError::Io {
        flag,
        path: PathBuf::from(&path),
        source,
    })?;
    let resolved = without_dots(&absolute);
    // The whole file system, or a name that no stored location could ever match.
    if resolved == Path::new("/") || resolved.to_str().is_none() {
        return Err(refused());
    }
    Ok(resolved)
}

/// Resolves `.` and `..` in the text, as MLflow does (`os.path.abspath`), not through links.
fn without_dots(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut resolved = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::Normal(name) => resolved.push(name),
            Component::ParentDir => {
                resolved.pop();
            }
            _ => {}
        }
    }
    resolved
}
