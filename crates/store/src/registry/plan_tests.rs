//! The plans of the registry's statements, with 2,000 models and 20,000 versions.

use futures::executor::block_on;
use oxflow_core::ModelName;
use oxflow_search::{
    parse_model_version_filter, parse_registered_model_filter, parse_registered_model_order_by,
};
use oxflow_testkit::postgres::TestDatabase;

use super::related::latest_versions_sql;
use super::rows::{MODEL, MODEL_TAG, VERSION, VERSION_TAG, WORKSPACE};
use super::search::{ModelVersionSearch, RegisteredModelSearch, models_statement, versions_statement};
use crate::conditions::Sql;
use crate::{DatabaseUri, Dialect, PoolConfig, Result, SchemaPolicy, Store, StoreConfig, Tx, Value};

const MODELS: usize = 2000;
const VERSIONS_EACH: i64 = 10;

fn open(uri: DatabaseUri, folder: &tempfile::TempDir) -> Store {
    let store = Store::open(&StoreConfig {
        uri,
        temporary_dir: folder.path().to_owned(),
        readers: 1,
        pool: PoolConfig::default(),
        default_artifact_root: "mlflow-artifacts:/".to_owned(),
        schema: SchemaPolicy::Create,
        now_ms: 0,
    })
    .unwrap();
    block_on(store.write(fill)).unwrap();
    store
}

fn model_name(i: usize) -> String {
    format!("model {i:04}")
}

fn fill(tx: &mut Tx<'_>) -> Result<()> {
    let names: Vec<String> = (0..MODELS).map(model_name).collect();
    let time = |i: usize| Value::from(1_700_000_000_000 + (i as i64 * 7919) % 20_011);
    let models = names.iter().enumerate();
    tx.insert_many(
        &MODEL,
        models
            .clone()
            .map(|(i, name)| [name.into(), time(i), time(i), "".into(), WORKSPACE.into()]),
    )?;
    tx.insert_many(
        &MODEL_TAG,
        models.clone().map(|(i, name)| {
            let team = if i % 100 == 0 { "rare" } else { "usual" };
            ["team".into(), team.into(), name.into(), WORKSPACE.into()]
        }),
    )?;
    let versions = models.flat_map(|(i, name)| (1..=VERSIONS_EACH).map(move |version| (i, name, version)));
    tx.insert_many(
        &VERSION,
        versions.clone().map(|(i, name, version)| {
            let stage = if version == 3 { "Production" } else { "None" };
            let time = time(i * VERSIONS_EACH as usize + version as usize);
            [
                name.into(),
                version.into(),
                time.clone(),
                time,
                "".into(),
                Value::Null,
                stage.into(),
                "s3://bucket/model".into(),
                Value::from(format!("{i:032x}")),
                "READY".into(),
                Value::Null,
                "".into(),
                "s3://bucket/model".into(),
                WORKSPACE.into(),
            ]
        }),
    )?;
    tx.insert_many(
        &VERSION_TAG,
        versions.map(|(_, name, version)| {
            [
                "stage".into(),
                "x".into(),
                name.into(),
                version.into(),
                WORKSPACE.into(),
            ]
        }),
    )?;
    tx.batch("ANALYZE")?;
    Ok(())
}

/// What the database says it would do.
fn plan(store: &Store, sql: Sql) -> String {
    let lines = block_on(store.read(move |tx| {
        let (head, column) = match tx.dialect() {
            Dialect::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
            Dialect::Postgres => ("EXPLAIN (COSTS OFF) ", 0),
        };
        let text = format!("{head}{}", sql.text());
        Ok(tx.query_once(&text, sql.values(), |row| row.text(column))?)
    }));
    lines.unwrap().join("\n")
}

fn versions_search(dialect: Dialect, filter: &str) -> Sql {
    versions_statement(
        dialect,
        &ModelVersionSearch {
            filter: parse_model_version_filter(filter).unwrap(),
            order_by: Vec::new(),
            max_results: 100,
            offset: 0,
            visible: Default::default(),
        },
    )
}

fn models_search(dialect: Dialect, filter: &str, order_by: &str) -> Sql {
    models_statement(
        dialect,
        &RegisteredModelSearch {
            filter: parse_registered_model_filter(filter).unwrap(),
            order_by: parse_registered_model_order_by(&[order_by.to_owned()]).unwrap(),
            max_results: 100,
            offset: 0,
            visible: Default::default(),
        },
    )
}

/// Each statement uses the index meant for it, and none reads a table from end to end.
fn check_plans(store: &Store, dialect: Dialect) {
    let mut latest = Sql::new(dialect, "");
    let page: Vec<String> = (0..100).map(model_name).collect();
    latest.push(&latest_versions_sql(dialect));
    let latest = latest.with_values(vec![Value::Texts(page.into())]);
    let (of_models, of_model_tags, of_versions, of_version_tags) = match dialect {
        Dialect::Sqlite => (
            "sqlite_autoindex_registered_models_1",
            "registered_model_tags_1",
            "oxflow_model_versions_name",
            "model_version_tags_1",
        ),
        Dialect::Postgres => (
            "registered_model_pk",
            "registered_model_tag",
            "oxflow_model_versions_name",
            "model_version_tag",
        ),
    };
    let table = [
        (versions_search(dialect, ""), "oxflow_model_versions_updated"),
        (versions_search(dialect, "name = 'model 0007'"), of_versions),
        (versions_search(dialect, "tags.stage = 'y'"), of_version_tags),
        (
            versions_search(dialect, "run_id = '00000000000000000000000000000007'"),
            "oxflow_model_versions_run",
        ),
        (models_search(dialect, "", "name"), of_models),
        (
            models_search(dialect, "tags.team = 'rare'", "name"),
            of_model_tags,
        ),
        (
            models_search(dialect, "", "timestamp DESC"),
            "oxflow_registered_models_updated",
        ),
        (latest, "oxflow_model_versions_stage"),
    ];
    for (sql, index) in table {
        let text = sql.text().to_owned();
        let plan = plan(store, sql);
        assert!(plan.contains(index), "{text}\ndoes not use {index}:\n{plan}");
        let reads_everything = plan.lines().any(|line| {
            let line = line.trim_start_matches([' ', '-', '>']);
            let of_sqlite = line.starts_with("SCAN")
                && !line.contains("USING")
                && !line.contains("VIRTUAL")
                && ["SCAN v", "SCAN r", "SCAN t", "SCAN n"].contains(&line);
            of_sqlite
                || line.starts_with("Seq Scan on model_versions")
                || line.starts_with("Seq Scan on registered_models")
        });
        // With a condition on tags PostgreSQL may begin with the tags, and read all of 2,000 models beside them.
        let begins_with_tags = dialect == Dialect::Postgres && text.contains("t.value");
        assert!(
            begins_with_tags || !reads_everything,
            "{text}\nreads a whole table:\n{plan}"
        );
    }
}

#[test]
fn statements_use_indexes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(DatabaseUri::Sqlite(folder.path().join("mlflow.db")), &folder);
    check_plans(&store, Dialect::Sqlite);
}

#[test]
fn statements_use_indexes_on_postgresql() {
    let Some(database) = TestDatabase::empty() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let store = open(DatabaseUri::parse(database.uri(), &|_| None).unwrap(), &folder);
    check_plans(&store, Dialect::Postgres);
}

#[test]
#[ignore = "prints how long the registry's calls take; for people"]
fn how_long_calls_take() {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = vec![open(
        DatabaseUri::Sqlite(folder.path().join("mlflow.db")),
        &folder,
    )];
    let database = TestDatabase::empty();
    if let Some(database) = &database {
        stores.push(open(
            DatabaseUri::parse(database.uri(), &|_| None).unwrap(),
            &folder,
        ));
    }
    for store in &stores {
        println!("{}", store.location());
        let name = || ModelName::parse(&model_name(7), "name").unwrap();
        let calls: [(&str, &dyn Fn()); 5] = [
            ("search 100 models", &|| {
                let search = RegisteredModelSearch {
                    filter: Vec::new(),
                    order_by: Vec::new(),
                    max_results: 100,
                    offset: 0,
                    visible: Default::default(),
                };
                block_on(store.search_registered_models(search)).unwrap();
            }),
            ("search 100 models by tag", &|| {
                let search = RegisteredModelSearch {
                    filter: parse_registered_model_filter("tags.team = 'rare'").unwrap(),
                    order_by: Vec::new(),
                    max_results: 100,
                    offset: 0,
                    visible: Default::default(),
                };
                block_on(store.search_registered_models(search)).unwrap();
            }),
            ("search 100 versions", &|| {
                let search = ModelVersionSearch {
                    filter: Vec::new(),
                    order_by: Vec::new(),
                    max_results: 100,
                    offset: 0,
                    visible: Default::default(),
                };
                block_on(store.search_model_versions(search)).unwrap();
            }),
            ("get a model", &|| {
                block_on(store.get_registered_model(name())).unwrap();
            }),
            ("latest versions", &|| {
                block_on(store.get_latest_versions(name(), oxflow_core::Stage::ALL.to_vec())).unwrap();
            }),
        ];
        for (what, call) in calls {
            call();
            let started = std::time::Instant::now();
            for _ in 0..50 {
                call();
            }
            println!("  {what}: {:.2} ms", started.elapsed().as_secs_f64() * 20.0);
        }
    }
}
