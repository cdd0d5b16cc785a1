//! Searching registered models and model versions.

use oxflow_auth::Visible;
use oxflow_core::{IS_PROMPT_TAG, ModelVersion, RegisteredModel, Tag};
use oxflow_search::{
    Condition, ModelVersionAttribute, ModelVersionField, ModelVersionOrderKey, OrderBy, Predicate,
    RegisteredModelField, RegisteredModelOrderKey, TextOp,
};

use super::rows::{DELETED_STAGE, MODEL_COLUMNS, VERSION_COLUMNS, read_model, read_version};
use crate::conditions::{Sql, cut_to_page};
use crate::{DbError, Dialect, Result, Store};

/// Which registered models, and which prompts, somebody may see.
#[derive(Debug, Clone, Default)]
pub struct VisibleModels {
    /// Models, by name.
    pub models: Visible,
    /// Prompts, by name.
    pub prompts: Visible,
}

impl VisibleModels {
    /// Appends the condition on a name.
    fn push(&self, sql: &mut Sql, name: &str) {
        if self.models == Visible::All && self.prompts == Visible::All {
            return;
        }
        let is_prompt = format!(
            "EXISTS (SELECT 1 FROM registered_model_tags o WHERE o.workspace = 'default' AND o.name = {name} AND o.key = \
             'mlflow.prompt.is_prompt' AND LOWER(o.value) = 'true')"
        );
        sql.push(" AND ((NOT ").push(&is_prompt).push(" AND ");
        sql.push_visible_names(name, &self.models);
        sql.push(") OR (").push(&is_prompt).push(" AND ");
        sql.push_visible_names(name, &self.prompts);
        sql.push("))");
    }
}

/// A search of registered models, or of prompts if the filter asks for them.
#[derive(Debug, Clone)]
pub struct RegisteredModelSearch {
    /// Conditions that all hold.
    pub filter: Vec<Condition<RegisteredModelField>>,
    /// Order, before the tie-break by name.
    pub order_by: Vec<OrderBy<RegisteredModelOrderKey>>,
    /// Rows on the page.
    pub max_results: i64,
    /// Rows to skip.
    pub offset: i64,
    /// Which of them may be shown.
    pub visible: VisibleModels,
}

/// A search of model versions, or of versions of prompts if the filter asks for them.
#[derive(Debug, Clone)]
pub struct ModelVersionSearch {
    /// Conditions that all hold.
    pub filter: Vec<Condition<ModelVersionField>>,
    /// Order, before the tie-break by name and version; none means the last changed first.
    pub order_by: Vec<OrderBy<ModelVersionOrderKey>>,
    /// Rows on the page.
    pub max_results: i64,
    /// Rows to skip.
    pub offset: i64,
    /// Which of them may be shown.
    pub visible: VisibleModels,
}

/// An own tag, as far as the two searches agree.
trait Tagged {
    fn tag(&self) -> Option<&str>;
}

impl Tagged for RegisteredModelField {
    fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag(key) => Some(key),
            Self::Name => None,
        }
    }
}

impl Tagged for ModelVersionField {
    fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag(key) => Some(key),
            Self::Attribute(_) => None,
        }
    }
}

impl Store {
    /// One page, and whether more rows follow. A page may be shorter than asked: it ends where it becomes too large for
    /// one answer.
    pub async fn search_registered_models(
        &self,
        search: RegisteredModelSearch,
    ) -> Result<(Vec<RegisteredModel>, bool)> {
        self.read(move |tx| {
            let sql = models_statement(tx.dialect(), &search);
            let mut found = tx.query_once(sql.text(), sql.values(), read_model)?;
            let has_more = cut_to_page(&mut found, search.max_results);
            let whole = fill_within_budget(&mut found, |chunk| {
                tx.fill_registered_models(chunk)?;
                Ok(chunk.iter().map(bytes_of_model).sum())
            })?;
            let is_cut = whole < found.len();
            found.truncate(whole);
            Ok((found, has_more || is_cut))
        })
        .await
    }

    /// One page of versions with their tags and without aliases, and whether more rows follow. A page may be shorter
    /// than asked: it ends where it becomes too large for one answer.
    pub async fn search_model_versions(
        &self,
        search: ModelVersionSearch,
    ) -> Result<(Vec<ModelVersion>, bool)> {
        self.read(move |tx| {
            let sql = versions_statement(tx.dialect(), &search);
            let mut found = tx.query_once(sql.text(), sql.values(), |row| read_version(row, 0))?;
            let has_more = cut_to_page(&mut found, search.page_rows());
            let whole = fill_within_budget(&mut found, |chunk| {
                tx.fill_version_tags(&mut chunk.iter_mut().collect::<Vec<_>>())?;
                Ok(chunk.iter().map(bytes_of_version).sum())
            })?;
            let is_cut = whole < found.len();
            found.truncate(whole);
            Ok((found, has_more || is_cut))
        })
        .await
    }
}

/// Versions on a page, whatever was asked: MLflow allows 200,000, which would be hundreds of megabytes.
const MAX_VERSIONS_ON_A_PAGE: i64 = 20_000;

/// Text on a page, in bytes, after which it ends early: a prompt alone may have 100,000 characters.
const PAGE_BYTES: usize = 32 * 1024 * 1024;

/// Models or versions whose tags are read at once.
const CHUNK: usize = 100;

impl ModelVersionSearch {
    fn page_rows(&self) -> i64 {
        self.max_results.min(MAX_VERSIONS_ON_A_PAGE)
    }
}

/// Fills the items of a page chunk by chunk until they are too large for one answer; says how many are whole.
/// The rest belongs to the next page.
fn fill_within_budget<T>(
    items: &mut [T],
    mut fill: impl FnMut(&mut [T]) -> Result<usize, DbError>,
) -> Result<usize, DbError> {
    let (mut whole, mut bytes) = (0, 0);
    for chunk in items.chunks_mut(CHUNK) {
        bytes += fill(chunk)?;
        whole += chunk.len();
        if bytes > PAGE_BYTES {
            break;
        }
    }
    Ok(whole)
}

fn bytes_of_tags(tags: &[Tag]) -> usize {
    tags.iter().map(|tag| tag.key.len() + tag.value.len()).sum()
}

fn bytes_of_version(version: &ModelVersion) -> usize {
    bytes_of_tags(&version.tags) + version.description.as_ref().map_or(0, String::len)
}

fn bytes_of_model(model: &RegisteredModel) -> usize {
    let versions: usize = model.latest_versions.iter().map(bytes_of_version).sum();
    bytes_of_tags(&model.tags) + model.description.as_ref().map_or(0, String::len) + versions
}

/// Whether a filter asks for prompts: the first condition on their tag decides. Otherwise prompts are left
/// out and the conditions on the tag, which no model has, count for nothing.
///
/// Rule: `_is_querying_prompt` and `_update_query_to_exclude_prompts`, MLflow 3.17.
fn asks_for_prompts<F: Tagged>(filter: &[Condition<F>]) -> bool {
    let of_prompts = filter
        .iter()
        .find(|condition| condition.field.tag() == Some(IS_PROMPT_TAG));
    let is = |value: &str, expected| value.eq_ignore_ascii_case(expected);
    of_prompts.is_some_and(|condition| match &condition.predicate {
        Predicate::Text {
            op: TextOp::Eq,
            value,
        } => is(value, "true"),
        Predicate::Text {
            op: TextOp::Ne,
            value,
        } => is(value, "false"),
        _ => false,
    })
}

/// Appends every condition, each in the form that `push` gives it.
fn push_filter<F: Tagged>(
    sql: &mut Sql,
    filter: &[Condition<F>],
    without_prompts: &str,
    push: impl Fn(&mut Sql, &Condition<F>),
) {
    let with_prompts = asks_for_prompts(filter);
    if !with_prompts {
        sql.push(without_prompts);
    }
    for condition in filter {
        if with_prompts || condition.field.tag() != Some(IS_PROMPT_TAG) {
            sql.push(" AND ");
            push(sql, condition);
        }
    }
}

pub(super) fn models_statement(dialect: Dialect, search: &RegisteredModelSearch) -> Sql {
    const NOT_A_PROMPT: &str = " AND NOT EXISTS (SELECT 1 FROM registered_model_tags p WHERE \
         p.workspace = 'default' AND p.key = 'mlflow.prompt.is_prompt' AND p.name = r.name AND p.value = 'true')";
    let mut sql = Sql::new(dialect, "SELECT ");
    sql.push(MODEL_COLUMNS)
        .push(" FROM registered_models r WHERE r.workspace = 'default'");
    search.visible.push(&mut sql, "r.name");
    push_filter(&mut sql, &search.filter, NOT_A_PROMPT, |sql, condition| {
        match &condition.field {
            RegisteredModelField::Name => sql.compare("r.name", &condition.predicate),
            RegisteredModelField::Tag(key) => sql
                .push(
                    "EXISTS (SELECT 1 FROM registered_model_tags t \
                      WHERE t.workspace = 'default' AND t.name = r.name AND t.key = ",
                )
                .bind(key.clone())
                .push(" AND ")
                .compare("t.value", &condition.predicate)
                .end_lookup(),
        };
    });
    sql.push(" ORDER BY ");
    for order in &search.order_by {
        let column = match order.field {
            RegisteredModelOrderKey::Name => "r.name",
            RegisteredModelOrderKey::LastUpdatedTimestamp => "r.last_updated_time",
        };
        sql.push(column).push(direction(order.ascending)).push(", ");
    }
    sql.push("r.name ASC");
    push_page(&mut sql, search.max_results, search.offset);
    sql
}

pub(super) fn versions_statement(dialect: Dialect, search: &ModelVersionSearch) -> Sql {
    const NOT_A_PROMPT: &str = " AND NOT EXISTS (SELECT 1 FROM model_version_tags p WHERE \
         p.workspace = 'default' AND p.key = 'mlflow.prompt.is_prompt' AND p.name = v.name AND p.value = 'true')";
    let mut sql = Sql::new(dialect, "SELECT ");
    sql.push(VERSION_COLUMNS)
        .push(" FROM model_versions v WHERE v.workspace = 'default' AND v.current_stage != ")
        .bind(DELETED_STAGE);
    search.visible.push(&mut sql, "v.name");
    push_filter(&mut sql, &search.filter, NOT_A_PROMPT, push_version_condition);
    sql.push(" ORDER BY ");
    if search.order_by.is_empty() {
        sql.push("v.last_updated_time DESC, ");
    }
    for order in &search.order_by {
        let column = match order.field {
            ModelVersionOrderKey::Name => "v.name",
            ModelVersionOrderKey::VersionNumber => "v.version",
            ModelVersionOrderKey::CreationTimestamp => "v.creation_time",
            ModelVersionOrderKey::LastUpdatedTimestamp => "v.last_updated_time",
        };
        sql.push(column).push(direction(order.ascending)).push(", ");
    }
    sql.push("v.name ASC, v.version DESC");
    push_page(&mut sql, search.page_rows(), search.offset);
    sql
}

fn push_version_condition(sql: &mut Sql, condition: &Condition<ModelVersionField>) {
    match &condition.field {
        ModelVersionField::Attribute(attribute) => {
            let column = match attribute {
                ModelVersionAttribute::Name => "v.name",
                ModelVersionAttribute::RunId => "v.run_id",
                ModelVersionAttribute::SourcePath => "v.source",
                ModelVersionAttribute::VersionNumber => "v.version",
            };
            sql.compare(column, &condition.predicate);
        }
        ModelVersionField::Tag(key) => {
            sql.push(
                "EXISTS (SELECT 1 FROM model_version_tags t \
                  WHERE t.workspace = 'default' AND t.name = v.name AND t.version = v.version AND t.key = ",
            )
            .bind(key.clone())
            .push(" AND ")
            .compare("t.value", &condition.predicate)
            .end_lookup();
        }
    }
}

fn direction(ascending: bool) -> &'static str {
    if ascending { " ASC" } else { " DESC" }
}

fn push_page(sql: &mut Sql, max_results: i64, offset: i64) {
    sql.push(" LIMIT ")
        .bind(max_results + 1)
        .push(" OFFSET ")
        .bind(offset);
}
