//! Writes the ZIP, on a thread of its own.

use std::io::{self, Write};
use std::pin::pin;
use std::time::SystemTime;

use bytes::BytesMut;
use futures::{Stream, StreamExt, stream};
use oxflow_artifacts::{ArtifactFile, Artifacts, ServableLocation};
use oxflow_core::Utc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tracing::warn;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::outlet::{Outlet, Piece, Valve};
use super::walk::Item;

/// Pieces of 64 KiB that wait for the client.
const PIECES_AHEAD: usize = 4;

/// From this size on a file gets the longer numbers of ZIP64. Below 4 GiB, as what does not compress grows a little.
const LARGE_BYTES: u64 = 0xf000_0000;

/// Starts the packing; it ends with the stream. At most so much is in memory: four pieces, and the table at the end.
pub(super) fn start(
    artifacts: Artifacts,
    root: ServableLocation,
    items: Vec<Item>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Piece> + Send + 'static {
    let (pieces, received) = mpsc::channel(PIECES_AHEAD);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let valve = Valve::default();
        let outlet = Outlet {
            pieces: pieces.clone(),
            valve: valve.clone(),
            runtime: runtime.clone(),
            gathered: BytesMut::new(),
        };
        let packed = pack(&artifacts, &root, &items, outlet, &valve, &runtime);
        if let Err(error) = packed
            && !pieces.is_closed()
        {
            warn!("a ZIP of artifacts broke off: {error}");
            // The answer ends without its end, which every client takes for a failure.
            let _ = pieces.blocking_send(Err(io::Error::other(error)));
        }
    });
    stream::unfold(received, async |mut received| {
        Some((received.recv().await?, received))
    })
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn pack(
    artifacts: &Artifacts,
    root: &ServableLocation,
    items: &[Item],
    outlet: Outlet,
    valve: &Valve,
    runtime: &Handle,
) -> Result<(), Failed> {
    let mut zip = ZipWriter::new_stream(outlet);
    let mut add_all = || -> Result<(), Failed> {
        for item in items {
            if item.is_dir {
                zip.add_directory(item.name.as_str(), options().unix_permissions(0o755))?;
                continue;
            }
            let file = runtime.block_on(artifacts.open_file(root, &item.path))?;
            zip.start_file(item.name.as_str(), options_for(&file))?;
            let mut content = pin!(file.into_stream(None));
            while let Some(chunk) = runtime.block_on(content.next()) {
                zip.write_all(&chunk?)?;
            }
        }
        Ok(())
    };
    add_all().inspect_err(|_| valve.shut())?;
    zip.finish().inspect_err(|_| valve.shut())?;
    Ok(())
}

/// Quick rather than small: the network is seldom slower than the strongest compression.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o644)
}

fn options_for(file: &ArtifactFile) -> SimpleFileOptions {
    let since = file.last_modified().duration_since(SystemTime::UNIX_EPOCH).ok();
    let modified = since.and_then(|since| date_time(i64::try_from(since.as_millis()).ok()?));
    options()
        .large_file(file.size_bytes() >= LARGE_BYTES)
        .last_modified_time(modified.unwrap_or_default())
}

/// UTC, as the format has no time zones. `None` before 1980 and after 2107.
fn date_time(time_ms: i64) -> Option<DateTime> {
    let utc = Utc::of_ms(time_ms);
    let year = u16::try_from(utc.year).ok()?;
    DateTime::from_date_and_time(year, utc.month, utc.day, utc.hour, utc.minute, utc.second).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use oxflow_artifacts::{ArtifactPath, ArtifactsConfig};
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "makes the artifact")]
    async fn a_file_that_is_gone_breaks_the_zip_off_instead_of_being_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("there"), vec![7; 300_000]).unwrap();
        let artifacts = Artifacts::open(&ArtifactsConfig {
            destination: folder.path().display().to_string(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
            environment: Default::default(),
        })
        .unwrap();
        let root = artifacts.proxy().unwrap().clone();
        let item = |name: &str| Item {
            path: ArtifactPath::parse(name).unwrap(),
            name: name.to_owned(),
            is_dir: false,
        };
        let places = Arc::new(Semaphore::new(1));
        for (items, is_whole) in [(vec!["there"], true), (vec!["there", "gone", "there"], false)] {
            let items = items.into_iter().map(item).collect();
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            let pieces: Vec<Piece> = start(artifacts.clone(), root.clone(), items, place)
                .collect()
                .await;
            assert_eq!(pieces.last().unwrap().is_ok(), is_whole);
            let bytes: Vec<u8> = pieces.into_iter().flatten().flatten().collect();
            let end_record = b"PK\x05\x06";
            assert_eq!(bytes.windows(4).any(|at| at == end_record), is_whole);
        }
    }
}
