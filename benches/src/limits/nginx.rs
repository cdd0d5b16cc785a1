//! nginx: what a server of files takes for them.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::load::Watch;
use crate::servers::{free_port, unprivileged};
use crate::stop::Killed;

/// The process; it ends with this value.
pub struct Nginx {
    pub address: String,
    child: Child,
    killed: Option<Killed>,
}

const START_LIMIT: Duration = Duration::from_secs(10);

impl Nginx {
    /// Starts it in a folder that is empty; `PUT` files are kept there.
    pub fn start(program: &Path, folder: &Path) -> Result<Self> {
        ensure!(
            program.exists(),
            "nginx is not installed: {} is not there",
            program.display()
        );
        let port = free_port()?;
        fs::create_dir_all(folder.join("files"))?;
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, settings(port))?;
        let log = folder.join("error.log");
        let mut command = unprivileged(program, folder)?;
        command
            .arg("-p")
            .arg(folder)
            .arg("-e")
            .arg(&log)
            .arg("-c")
            .arg(configuration);
        let child = command.spawn().context("could not start nginx")?;
        let mut nginx = Self {
            address: format!("127.0.0.1:{port}"),
            killed: Some(Killed::on_signal(child.id())),
            child,
        };
        let started = Instant::now();
        while TcpStream::connect(&nginx.address).is_err() {
            if nginx.child.try_wait()?.is_some() || started.elapsed() > START_LIMIT {
                bail!(
                    "nginx did not start: {}",
                    fs::read_to_string(log).unwrap_or_default().trim()
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(nginx)
    }

    /// What is counted while it works.
    pub fn watch(&self) -> Watch {
        Watch {
            server: Some(self.child.id()),
            database: None,
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.killed = None;
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Paths are below the folder that `-p` names.
fn settings(port: u16) -> String {
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
events {{}}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        root files;
        client_max_body_size 0;
        dav_methods PUT;
    }}
}}
"
    )
}
