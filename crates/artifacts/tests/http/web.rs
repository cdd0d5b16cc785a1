//! A web server that answers as a test wants, however wrong that is.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is sent to a request. Afterwards the connection is closed.
pub enum Answer {
    /// These bytes.
    Bytes(String),
    /// These bytes, and the last part again and again.
    Endless(String, String),
    /// Nothing; the connection stays open.
    Silence,
}

/// A server on a port of its own, until the test ends.
pub struct Web {
    pub origin: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// `answer` is given the method and the path.
    pub async fn start(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (Arc::new(answer), Arc::clone(&heads));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move {
                    // That the other side goes away is part of some tests.
                    drop(serve(stream, &*answer, &seen).await);
                });
            }
        });
        Self { origin, heads }
    }

    /// The heads of the requests until now.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(impl Fn(&str, &str) -> Answer + ?Sized),
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let head = loop {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            break head.to_owned();
        }
    };
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    seen.lock().unwrap().push(head);
    match answer(&method, &path) {
        Answer::Bytes(bytes) => stream.write_all(bytes.as_bytes()).await?,
        Answer::Endless(bytes, again) => {
            stream.write_all(bytes.as_bytes()).await?;
            loop {
                stream.write_all(again.as_bytes()).await?;
            }
        }
        Answer::Silence => std::future::pending().await,
    }
    stream.shutdown().await
}

/// An answer of a status, headers and a body.
pub fn answer(status: &str, headers: &str, body: &str) -> Answer {
    let headers: String = headers
        .lines()
        .map(|line| format!("{}\r\n", line.trim()))
        .collect();
    Answer::Bytes(format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n{body}"
    ))
}
