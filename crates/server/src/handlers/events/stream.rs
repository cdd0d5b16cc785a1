//! The stream of one listener.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use futures::future::BoxFuture;
use oxflow_store::{News as Told, Store};
use oxflow_wire::EventJson;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::debug;

use super::news::{News, Watched};

/// How often something is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Least time between two events.
    pause: Duration,
    /// Time after which a comment shows that the connection lives.
    keep_alive: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            pause: Duration::from_millis(500),
            keep_alive: Duration::from_secs(15),
        }
    }
}

/// Tells proxies and clients at once that the stream has begun, and how long to wait before connecting again, in ms.
const BEGINNING: &str = "retry: 3000\n: listening\n\n";

/// Between two looks of a listener for what other programs wrote; the store says how often somebody really looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Makes a look for what other programs wrote, some time from now.
type LookLater = Box<dyn Fn() -> BoxFuture<'static, ()> + Send>;

/// Looks with a store: only while somebody listens, as it is the listeners that do.
pub(super) fn look_with(store: Store) -> LookLater {
    Box::new(move || {
        let store = store.clone();
        Box::pin(async move {
            sleep(LOOK_EVERY).await;
            if let Err(error) = store.look_for_others().await {
                debug!(%error, "could not see whether other programs changed the database");
            }
        })
    })
}

/// One open stream.
pub(super) struct Listener {
    watched: Watched,
    changes: Receiver<Arc<Told>>,
    is_ready: watch::Receiver<bool>,
    news: News,
    has_begun: bool,
    /// Before this no further event is sent.
    next_event: Instant,
    look_later: LookLater,
    looking: BoxFuture<'static, ()>,
    pace: Pace,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    pub(super) fn new(
        watched: Watched,
        changes: Receiver<Arc<Told>>,
        is_ready: watch::Receiver<bool>,
        look_later: LookLater,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            watched,
            changes,
            is_ready,
            news: News::default(),
            has_begun: false,
            next_event: Instant::now(),
            looking: look_later(),
            look_later,
            pace: Pace::default(),
            _place: place,
        }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        futures::stream::unfold(self, |mut listener| async move {
            let text = listener.next().await?;
            Some((Ok(Bytes::from(text)), listener))
        })
    }

    /// The next piece of the stream; `None` when the server stops.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.has_begun, true) {
            return Some(BEGINNING.to_owned());
        }
        let keep_alive = Instant::now() + self.pace.keep_alive;
        loop {
            tokio::select! {
                // Whoever stops the server waits for open streams to end.
                _ = self.is_ready.wait_for(|is_ready| !is_ready) => return None,
                () = sleep_until(self.next_event), if !self.news.is_empty() => {
                    self.next_event = Instant::now() + self.pace.pause;
                    return Some(written(&self.news.take(&self.watched)));
                }
                changes = self.changes.recv() => match changes {
                    Ok(told) => match told.as_ref() {
                        Told::Written(changes) => self.news.add(&self.watched, changes),
                        Told::Elsewhere => self.news.lose(),
                    },
                    Err(RecvError::Lagged(_)) => self.news.lose(),
                    Err(RecvError::Closed) => return None,
                },
                () = &mut self.looking => self.looking = (self.look_later)(),
                () = sleep_until(keep_alive) => return Some(":\n\n".to_owned()),
            }
        }
    }
}

fn written(event: &EventJson) -> String {
    let data = serde_json::to_string(event).expect("texts and integers are JSON");
    format!("event: change\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use oxflow_core::ExperimentId;
    use oxflow_store::Change;
    use tokio::sync::{Semaphore, broadcast};

    use super::*;

    struct Setup {
        listener: Listener,
        changes: broadcast::Sender<Arc<Told>>,
        is_ready: watch::Sender<bool>,
    }

    /// A listener to experiment 0 that room for so many news is kept for.
    fn setup(kept: usize, pace: Pace) -> Setup {
        let changes = broadcast::Sender::new(kept);
        let is_ready = watch::Sender::new(true);
        let watched = Watched {
            experiments: HashSet::from([ExperimentId::DEFAULT]),
            runs: HashSet::new(),
            experiments_of_runs: HashSet::new(),
        };
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let nobody_looks = || -> BoxFuture<'static, ()> { Box::pin(std::future::pending()) };
        let (news, is_ready_now) = (changes.subscribe(), is_ready.subscribe());
        let listener = Listener::new(watched, news, is_ready_now, Box::new(nobody_looks), place);
        Setup {
            listener: Listener { pace, ..listener },
            changes,
            is_ready,
        }
    }

    fn tell(setup: &Setup) {
        let change = Change {
            experiment_id: ExperimentId::DEFAULT,
            run: None,
            is_of_all_runs: false,
        };
        setup.changes.send(Arc::new(Told::Written(vec![change]))).unwrap();
    }

    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(3600);
    const EVENT: &str = "event: change\ndata: {\"runs\":[],\"experiments\":[\"0\"]}\n\n";

    #[tokio::test(start_paused = true)]
    async fn a_quiet_stream_carries_comments() {
        let mut setup = setup(
            8,
            Pace {
                pause: SHORT,
                keep_alive: SHORT,
            },
        );
        assert_eq!(setup.listener.next().await.unwrap(), BEGINNING);
        assert_eq!(setup.listener.next().await.unwrap(), ":\n\n");
        assert_eq!(setup.listener.next().await.unwrap(), ":\n\n");
        tell(&setup);
        assert_eq!(setup.listener.next().await.unwrap(), EVENT);
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_event_waits_for_its_time() {
        let mut setup = setup(
            8,
            Pace {
                pause: LONG,
                keep_alive: SHORT,
            },
        );
        setup.listener.next().await;
        tell(&setup);
        assert_eq!(setup.listener.next().await.unwrap(), EVENT);
        tell(&setup);
        assert_eq!(setup.listener.next().await.unwrap(), ":\n\n");
        assert!(!setup.listener.news.is_empty());
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_to_read_everything_again() {
        let mut setup = setup(
            1,
            Pace {
                pause: SHORT,
                keep_alive: LONG,
            },
        );
        setup.listener.next().await;
        (0..3).for_each(|_| tell(&setup));
        let event = setup.listener.next().await.unwrap();
        assert!(event.contains("\"experiments\":[\"0\"],\"all\":true"), "{event}");
    }

    #[tokio::test]
    async fn what_other_programs_changed_is_everything() {
        let mut setup = setup(
            8,
            Pace {
                pause: SHORT,
                keep_alive: LONG,
            },
        );
        setup.listener.next().await;
        setup.changes.send(Arc::new(Told::Elsewhere)).unwrap();
        let event = setup.listener.next().await.unwrap();
        assert!(event.contains("\"experiments\":[\"0\"],\"all\":true"), "{event}");
    }

    #[tokio::test]
    async fn the_stream_ends_when_the_server_stops() {
        let mut setup = setup(
            1,
            Pace {
                pause: SHORT,
                keep_alive: LONG,
            },
        );
        setup.listener.next().await;
        setup.is_ready.send_replace(false);
        assert_eq!(setup.listener.next().await, None);
    }
}
