//! Which roots the server may touch, and opening them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use percent_encoding::percent_decode_str;

use crate::http::HttpAddress;
use crate::location::{artifact_api_path, split_authority, split_scheme};
use crate::object::{Environment, ObjectAddress, Scheme, StoreSettingsError};
use crate::temp_file::sweep;

/// Artifact storage as the operator configured it.
#[derive(Debug, Clone)]
pub struct ArtifactsConfig {
    /// Where the proxy stores (`--artifacts-destination`): a local path or a URI.
    pub destination: String,
    /// Location of new experiments (`--default-artifact-root`). Served when it is a local path or in an object store;
    /// clients reach it themselves too.
    pub default_root: String,
    /// Whether the artifact API of this server is on (`--serve-artifacts`).
    pub serve: bool,
    /// Further trees the server may act upon (`--artifact-root-allow`).
    pub extra_roots: Vec<String>,
    /// The variables that say how object stores are reached.
    pub environment: Environment,
}

/// Why the artifact storage could not be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it stands for")]
pub enum OpenError {
    #[error(
        "`{flag}` names a `{scheme}:` location, which this server cannot reach; use a local directory or an `s3:`, `gs:`, \
         `wasbs:`, `abfss:`, `r2:` or `b2:` location"
    )]
    UnknownStore { flag: &'static str, scheme: String },
    #[error("`{flag}` is `{given}`, which is not a bucket with a folder, such as `{example}`")]
    NotABucket {
        flag: &'static str,
        given: String,
        example: &'static str,
    },
    #[error(
        "`{flag}` is `{given}`, which is not a folder of a web server, such as `{example}`: without a user, a query or a \
         fragment"
    )]
    NotAWebFolder {
        flag: &'static str,
        given: String,
        example: &'static str,
    },
    #[error(
        "`{flag}` is `{given}`, which this server can only read; name it in `--artifact-root-allow`, and a local directory \
         or an object store here"
    )]
    OnlyRead { flag: &'static str, given: String },
    #[error("`{flag}` is `{given}`, which cannot be used: {source}")]
    Store {
        flag: &'static str,
        given: String,
        source: StoreSettingsError,
    },
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
pub(crate) const DEFAULT_ROOT: &str = "--default-artifact-root";
const EXTRA_ROOT: &str = "--artifact-root-allow";

/// A tree the server may act upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// A folder: absolute, without `.` and `..`.
    Local(PathBuf),
    /// A folder of a bucket.
    Object(ObjectAddress),
    /// A folder of a web server, which is only read.
    Http(HttpAddress),
}

/// The roots of a configuration.
#[derive(Debug)]
pub(crate) struct Roots {
    /// Root of the proxy, when serving.
    pub proxy: Option<Root>,
    /// Every tree the server may act upon, that of the proxy included, each once, with the flag that names it.
    pub all: Vec<(&'static str, Root)>,
}

impl ArtifactsConfig {
    /// Resolves the roots and sweeps the left-over temporary files of local ones. Creates nothing.
    pub(crate) fn open_roots(&self) -> Result<Roots, OpenError> {
        // Where artifacts are not proxied the destination is only a default nobody chose.
        let destination = match root(&self.destination, DESTINATION) {
            Err(OpenError::UnknownStore { .. } | OpenError::NotAWebFolder { .. }) | Ok(Root::Http(_))
                if !self.serve =>
            {
                None
            }
            Ok(Root::Http(address)) => {
                return Err(OpenError::OnlyRead {
                    flag: DESTINATION,
                    given: address.to_string(),
                });
            }
            other => Some((DESTINATION, other?)),
        };
        let default_root = match root(&self.default_root, DEFAULT_ROOT) {
            // Clients reach it themselves, or it is the proxy's.
            Err(OpenError::UnknownStore { .. } | OpenError::NotAWebFolder { .. }) => None,
            other => Some((DEFAULT_ROOT, other?)),
        };
        let proxy = destination
            .iter()
            .map(|(_, root)| root.clone())
            .find(|_| self.serve);
        let mut named: Vec<(&'static str, Root)> = destination.into_iter().chain(default_root).collect();
        for extra in &self.extra_roots {
            named.push((EXTRA_ROOT, root(extra, EXTRA_ROOT)?));
        }
        let mut all: Vec<(&'static str, Root)> = Vec::new();
        for (flag, root) in named {
            if let Root::Local(path) = &root {
                check_root(flag, path)?;
            }
            if !all.iter().any(|(_, known)| *known == root) {
                all.push((flag, root));
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

/// Resolves a path or a URI; `UnknownStore` for schemes of stores this program does not reach.
fn root(given: &str, flag: &'static str) -> Result<Root, OpenError> {
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
        Some((scheme, rest)) if is_web_folder(&scheme, rest) => {
            return HttpAddress::parse(&scheme, rest).map(Root::Http).ok_or_else(|| {
                OpenError::NotAWebFolder {
                    flag,
                    given: without_password(given, &scheme),
                    example: HttpAddress::EXAMPLE,
                }
            });
        }
        Some((scheme, rest)) => return object_root(scheme, rest, given, flag),
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
    Ok(Root::Local(resolved))
}

/// What is below an artifact API is that server's, under whatever name: `mlflow-artifacts:`.
fn is_web_folder(scheme: &str, rest: &str) -> bool {
    matches!(scheme, "http" | "https") && artifact_api_path(rest).is_none()
}

/// A password in it would end up in logs.
fn without_password(given: &str, scheme: &str) -> String {
    if given.contains('@') {
        format!("{scheme}://…")
    } else {
        given.to_owned()
    }
}

fn object_root(scheme: String, rest: &str, given: &str, flag: &'static str) -> Result<Root, OpenError> {
    let Some(known) = Scheme::parse(&scheme) else {
        return Err(OpenError::UnknownStore { flag, scheme });
    };
    let address = ObjectAddress::parse(known, rest).ok_or_else(|| OpenError::NotABucket {
        flag,
        given: if known.names_a_host() {
            given.to_owned()
        } else {
            without_password(given, &scheme)
        },
        example: known.example(),
    })?;
    Ok(Root::Object(address))
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
