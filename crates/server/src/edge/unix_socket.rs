//! A unix socket as a place to listen at: the file that stands for it, and who may use that file.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use tokio::net::{UnixListener, UnixSocket, UnixStream};
use tracing::warn;

/// Connections that wait to be accepted, as of a TCP port.
const BACKLOG: u32 = 1024;

/// Why a unix socket cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UnixSocketError {
    #[error("could not listen at the unix socket `{}`", path.display())]
    Bind { path: PathBuf, source: io::Error },
    #[error("`{}` exists and is no socket; it was left as it is", path.display())]
    NotASocket { path: PathBuf },
    #[error("another server listens at the unix socket `{}`", path.display())]
    InUse { path: PathBuf },
}

/// A unix socket with its file, which goes when this is dropped.
#[derive(Debug)]
pub(super) struct BoundSocket {
    listener: UnixListener,
    _file: SocketFile,
}

#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    /// Device and inode: another server may have put its own file in this one's place.
    identity: Option<(u64, u64)>,
}

impl BoundSocket {
    /// Listens at `path`, whose file gets `mode`. A socket file that is left over from a server that is gone is
    /// replaced.
    pub(super) async fn bind(path: &Path, mode: u32) -> Result<Self, UnixSocketError> {
        let failed = |source| UnixSocketError::Bind {
            path: path.to_owned(),
            source,
        };
        let listener = match listen(path, mode) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                remove_left_over(path).await?;
                listen(path, mode).map_err(failed)?
            }
            listening => listening.map_err(failed)?,
        };
        let file = SocketFile {
            path: path.to_owned(),
            identity: identity(path),
        };
        Ok(Self {
            listener,
            _file: file,
        })
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.identity.is_none() || identity(&self.path) != self.identity {
            return;
        }
        if let Err(error) = remove(&self.path) {
            warn!(%error, "the unix socket `{}` was not removed", self.path.display());
        }
    }
}

fn listen(path: &Path, mode: u32) -> io::Result<UnixListener> {
    let socket = UnixSocket::new_stream()?;
    // Linux gives the file this mode, less the umask: at no moment can more users connect than should. Elsewhere
    // that fails, and the file has its mode a moment later.
    let _ = rustix::fs::fchmod(&socket, Mode::from_raw_mode(mode));
    socket.bind(path)?;
    let listener = socket.listen(BACKLOG)?;
    std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(listener)
}

/// Removes the file of a server that is gone, and nothing else.
async fn remove_left_over(path: &Path) -> Result<(), UnixSocketError> {
    let failed = |source| UnixSocketError::Bind {
        path: path.to_owned(),
        source,
    };
    let is_socket = std::fs::symlink_metadata(path)
        .map_err(failed)?
        .file_type()
        .is_socket();
    if !is_socket {
        return Err(UnixSocketError::NotASocket {
            path: path.to_owned(),
        });
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => remove(path).map_err(failed),
        // One whose queue is full would block.
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(failed(error)),
        _ => Err(UnixSocketError::InUse {
            path: path.to_owned(),
        }),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the socket that the administrator names, which no request can reach"
)]
fn remove(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
