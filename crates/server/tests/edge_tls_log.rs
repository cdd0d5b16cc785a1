//! What an administrator is told about certificates. In a process of its own, as the subscriber is global.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(clippy::disallowed_methods, reason = "files of the tests' own")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use edge_support::SOON;
use kept_log::{Keep, lines};
use oxflow_server::EdgeConfig;
use rcgen::{CertificateParams, date_time_ymd};
use tls_support::{Authority, Caller, Folder, shown, start};
use tokio::time::timeout;

mod edge_support;
mod kept_log;
mod tls_support;

const KEPT: &str = "new connections get the certificate of before";

#[tokio::test]
async fn certificates_out_of_time_open_keys_and_broken_files_are_logged_and_stop_nothing() {
    tracing::subscriber::set_global_default(Keep).unwrap();
    let authority = Authority::new("An authority");
    let of_years = |first, last| {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(first, 1, 1);
        params.not_after = date_time_ymd(last, 2, 3);
        authority.issue_with(&params)
    };
    let said = |text: &str| lines().iter().filter(|line| line.contains(text)).count();

    let folder = Folder::new(&of_years(2001, 2002));
    folder.load();
    assert_eq!(said("expired at 2002-02-03T00:00:00Z"), 1, "{:?}", lines());
    folder.put(&of_years(2101, 2102));
    folder.load();
    assert_eq!(
        said("is not valid before 2101-01-01T00:00:00Z"),
        1,
        "{:?}",
        lines()
    );
    let good = authority.issue("localhost");
    folder.put(&good);
    let count = lines().len();
    folder.load();
    assert_eq!(lines().len(), count, "nothing to say of good files");
    std::fs::set_permissions(&folder.files.key, Permissions::from_mode(0o644)).unwrap();
    folder.load();
    assert_eq!(said("can be read by every user of this machine (mode 644)"), 1);

    let config = EdgeConfig {
        certificate_look_every: Duration::from_millis(5),
        ..EdgeConfig::default()
    };
    let server = start(folder.load(), config).await;
    let caller = Caller::trusting(&authority);
    folder.put_file("cert.pem", "half of a certif");
    let is_told = async {
        while said(KEPT) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, is_told).await.expect("the log says so");
    let mut client = caller.connect(&server).await.unwrap();
    assert_eq!(shown(&client), good.certificate_der());
    assert_eq!(client.ask("GET /health", &["Host: localhost"]).await.body, "OK");
    let next = authority.issue("localhost");
    folder.put(&next);
    let is_new = async {
        while shown(&caller.connect(&server).await.unwrap()) != next.certificate_der() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, is_new).await.expect("the next good files count");
    assert_eq!(said(KEPT), 1, "said once");

    let refused = folder.with_client_ca(&Authority::new("People"));
    let server = start(refused.load(), EdgeConfig::default()).await;
    let is_refused = async {
        // In TLS 1.3 the client is through before the server has looked at its certificate.
        let mut client = caller.connect(&server).await?;
        tokio::io::AsyncReadExt::read_u8(&mut client.stream).await
    };
    assert!(timeout(SOON, is_refused).await.unwrap().is_err());
    assert_eq!(said("a client was turned away for its certificate"), 1);
}
