//! Connections to PostgreSQL, from MLflow's variables for SQLAlchemy's pool.

use std::time::Duration;

use oxflow_store::PoolConfig;

use super::args::ServerArgs;
use super::sources::Sources;
use super::units::PgPrepared;
use super::variables;
use crate::failure::Failure;

/// SQLAlchemy's defaults: so many connections, and so many more.
const SIZE: i64 = 5;
const MAX_OVERFLOW: i64 = 10;

/// What "no limit" means here: PostgreSQL itself allows 100 unless told otherwise.
const MOST: i64 = 100;

/// The number of connections is size + overflow; a size of 0 and an overflow of -1 mean no limit.
pub fn resolve(args: &ServerArgs, sources: &Sources<'_>) -> Result<PoolConfig, Failure> {
    let env = sources.env;
    let size = variables::read(env, variables::POOL_SIZE)?.unwrap_or(SIZE);
    let overflow = variables::read(env, variables::POOL_MAX_OVERFLOW)?.unwrap_or(MAX_OVERFLOW);
    let most = if size <= 0 || overflow < 0 {
        MOST
    } else {
        size.saturating_add(overflow).clamp(1, MOST)
    };
    let class: Option<String> = variables::read(env, variables::POOL_CLASS)?;
    let recycle: Option<i64> = variables::read(env, variables::POOL_RECYCLE)?;
    let recycle = recycle
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(Duration::from_secs);
    let prepared = sources
        .value("pg-prepared", args.pg_prepared)?
        .unwrap_or(PgPrepared::Auto);
    Ok(PoolConfig {
        max_connections: usize::try_from(most).unwrap_or(1),
        // Without a pool every call has a connection of its own: one that is too old at once.
        recycle: if class.as_deref() == Some("NullPool") {
            Some(Duration::ZERO)
        } else {
            recycle
        },
        may_prepare: prepared == PgPrepared::Auto,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::SettingsFile;
    use crate::env::Env;
    use clap::Parser;

    #[derive(Parser)]
    #[command(disable_help_flag = true)]
    struct Line {
        #[command(flatten)]
        server: ServerArgs,
    }

    fn pool(variables: &[(&str, &str)]) -> PoolConfig {
        let (env, file) = (Env::for_test(variables), SettingsFile::default());
        let args = Line::parse_from(["oxflow"]).server;
        let sources = Sources {
            env: &env,
            file: &file,
        };
        resolve(&args, &sources).unwrap()
    }

    #[test]
    fn the_pool_is_as_large_as_sqlalchemys() {
        assert_eq!(pool(&[]).max_connections, 15);
        let of = |size, overflow| {
            pool(&[
                ("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", size),
                ("MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW", overflow),
            ])
            .max_connections
        };
        assert_eq!(
            [of("3", "4"), of("0", "4"), of("3", "-1"), of("1", "0")],
            [7, 100, 100, 1]
        );
    }

    #[test]
    fn connections_are_replaced_when_the_variables_say_so() {
        assert_eq!(pool(&[]).recycle, None);
        let recycle = pool(&[("MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE", "3600")]).recycle;
        assert_eq!(recycle, Some(Duration::from_secs(3600)));
        let recycle = pool(&[("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")]).recycle;
        assert_eq!(recycle, Some(Duration::ZERO));
    }
}
