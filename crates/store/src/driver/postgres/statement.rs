//! Statements: prepared under a name and kept, or sent whole.

use futures::future::join;
use hashlink::LruCache;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, RowStream, Statement};

use super::access::Holder;
use super::value::Parameter;

/// Statements kept prepared per connection.
const CACHED: usize = 256;

/// A statement means something else with other types of parameters.
type Key = (String, Vec<Type>);

/// What to keep of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// It is prepared, if that is possible.
    Prepared,
    /// Nothing: it is planned for its values.
    Nothing,
}

/// The statements of a session. `None`: they are not prepared under a name.
pub(super) struct Statements(Option<LruCache<Key, Statement>>);

impl Statements {
    pub(super) fn new(session: Holder) -> Self {
        Self((session == Holder::Us).then(|| LruCache::new(CACHED)))
    }

    /// Runs a statement; the transaction begins with it if it has not begun yet.
    pub(super) async fn run(
        &mut self,
        client: &Client,
        begin: Option<String>,
        sql: &str,
        parameters: &[Parameter<'_>],
        keep: Keep,
    ) -> Result<RowStream, tokio_postgres::Error> {
        let (begin, statement) = match (&mut self.0, keep) {
            (None, _) | (_, Keep::Nothing) => (begin, None),
            (Some(kept), Keep::Prepared) => {
                let (begin, statement) = prepared(client, kept, begin, sql, parameters).await?;
                (begin, Some(statement))
            }
        };
        let rows = async {
            match &statement {
                None => {
                    let typed = parameters.iter().map(|(value, ty)| (*value, ty.clone()));
                    client.query_typed_raw(sql, typed).await
                }
                Some(statement) => {
                    let values = parameters.iter().map(|(value, _)| *value);
                    client.query_raw(statement, values).await
                }
            }
        };
        match begin {
            None => rows.await,
            // Together in one round trip. Only what changes nothing: if the transaction could not begin, the
            // statement ran outside of it.
            Some(begin) if is_query(sql) => {
                let (begun, rows) = join(client.batch_execute(&begin), rows).await;
                begun?;
                rows
            }
            Some(begin) => {
                client.batch_execute(&begin).await?;
                rows.await
            }
        }
    }
}

/// No `SELECT` of this crate calls a function that changes anything.
fn is_query(sql: &str) -> bool {
    sql.trim_start().starts_with("SELECT")
}

/// The statement out of the cache, or a new one; the transaction begins in the same round trip, and is
/// handed back if it did not have to.
async fn prepared(
    client: &Client,
    kept: &mut LruCache<Key, Statement>,
    begin: Option<String>,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Result<(Option<String>, Statement), tokio_postgres::Error> {
    let types: Vec<Type> = parameters.iter().map(|(_, ty)| ty.clone()).collect();
    let key = (sql.to_owned(), types);
    if let Some(statement) = kept.get(&key) {
        return Ok((begin, statement.clone()));
    }
    let prepare = client.prepare_typed(sql, &key.1);
    let statement = match begin {
        None => prepare.await?,
        Some(begin) => {
            let (begun, statement) = join(client.batch_execute(&begin), prepare).await;
            begun?;
            statement?
        }
    };
    kept.insert(key, statement.clone());
    Ok((None, statement))
}
