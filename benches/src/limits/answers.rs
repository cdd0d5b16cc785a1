//! A server that answers at once, in a process of its own: what HTTP costs, and what the load generator can do.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::http::CHUNK_BYTES;
use crate::load::Watch;
use crate::servers::command;
use crate::stop::Killed;

/// The answer to what is no file.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// The process; it ends with this value.
pub struct StaticServer {
    pub address: String,
    child: Child,
    killed: Option<Killed>,
}

impl StaticServer {
    /// Starts this program once more, as the server; `PUT` files are kept in the folder.
    pub fn start(folder: &Path) -> Result<Self> {
        let mut child = command(&std::env::current_exe()?)
            .arg("answer")
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start the server of static answers")?;
        let mut address = String::new();
        let output = child.stdout.take().context("its output is a pipe")?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self {
            address: address.trim().to_owned(),
            killed: Some(Killed::on_signal(child.id())),
            child,
        })
    }

    /// What is counted while it works.
    pub fn watch(&self) -> Watch {
        Watch {
            server: Some(self.child.id()),
            database: None,
        }
    }
}

impl Drop for StaticServer {
    fn drop(&mut self) {
        self.killed = None;
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Answers until it is killed; the first line of the output is the address.
pub fn serve(folder: &Path) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", listener.local_addr()?)?;
    output.flush()?;
    let file = folder.join("file");
    for stream in listener.incoming() {
        let (stream, file) = (stream?, file.clone());
        // An error is a client that went away.
        std::thread::spawn(move || answer(stream, &file).ok());
    }
    Ok(())
}

fn answer(stream: TcpStream, file: &Path) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, stream);
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            if reader.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
        }
        let length = content_length(&head);
        if head.starts_with(b"PUT /file") {
            let mut to = File::create(file)?;
            std::io::copy(&mut reader.by_ref().take(length), &mut to)?;
            to.sync_all()?;
            reader.get_mut().write_all(ANSWER)?;
        } else if head.starts_with(b"GET /file") {
            let mut from = File::open(file)?;
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                from.metadata()?.len()
            );
            reader.get_mut().write_all(head.as_bytes())?;
            // From file to socket within the kernel.
            std::io::copy(&mut from, reader.get_mut())?;
        } else {
            std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
            reader.get_mut().write_all(ANSWER)?;
        }
    }
}

fn content_length(head: &[u8]) -> u64 {
    const NAME: &[u8] = b"content-length:";
    let lines = head.split(|byte| *byte == b'\n');
    let value = lines.into_iter().find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME)
            .then(|| std::str::from_utf8(value).ok()?.trim().parse().ok())?
    });
    value.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_body_is_found_in_any_case() {
        assert_eq!(
            content_length(b"POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 12\r\n\r\n"),
            12
        );
        assert_eq!(content_length(b"GET / HTTP/1.1\r\n\r\n"), 0);
    }
}
