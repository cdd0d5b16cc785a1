//! What belongs to the models and versions of a page: a fixed number of statements, whatever its size.

use oxflow_core::{AliasedVersion, ModelName, ModelVersion, RegisteredModel, VersionNumber};

use super::rows::{VERSION_COLUMNS, read_version};
use crate::conditions::at_position;
use crate::experiments::read_tag;
use crate::{DbError, Dialect, Tx};

const STAGES: &str = "(SELECT 'None' AS stage UNION ALL SELECT 'Staging' UNION ALL SELECT 'Production' \
     UNION ALL SELECT 'Archived')";

const ALIASES_OF_MODEL: &str = "
    SELECT alias, version
      FROM registered_model_aliases
     WHERE workspace = 'default' AND name = $1
     ORDER BY alias";

impl Tx<'_> {
    /// Reads the tags, the aliases and the newest version of each stage of models.
    pub(super) fn fill_registered_models(&mut self, models: &mut [RegisteredModel]) -> Result<(), DbError> {
        let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
        let page = self.dialect().ids_with_position("$1");
        let sql = format!(
            "SELECT page.position, t.key, t.value
               FROM {page} page
               CROSS JOIN registered_model_tags t WHERE t.workspace = 'default' AND t.name = page.id"
        );
        self.for_each(&sql, &[names.as_slice().into()], |row| {
            at_position(row, models)?.tags.push(read_tag(row, 1)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT page.position, a.alias, a.version
               FROM {page} page
               CROSS JOIN registered_model_aliases a WHERE a.workspace = 'default' AND a.name = page.id
              ORDER BY page.position, a.alias"
        );
        self.for_each(&sql, &[names.as_slice().into()], |row| {
            let alias = AliasedVersion {
                alias: row.text(1)?,
                version: VersionNumber::from_row(row.int(2)?),
            };
            at_position(row, models)?.aliases.push(alias);
            Ok(())
        })?;
        for (model, latest) in models.iter_mut().zip(self.latest_versions(&names)?) {
            model.latest_versions = latest;
        }
        let mut latest: Vec<&mut ModelVersion> = models
            .iter_mut()
            .flat_map(|model| &mut model.latest_versions)
            .collect();
        self.fill_version_tags(&mut latest)
    }

    /// The newest version of each stage of models, without tags; stages in the order in which they were first
    /// used.
    pub(super) fn latest_versions(&mut self, names: &[String]) -> Result<Vec<Vec<ModelVersion>>, DbError> {
        let sql = latest_versions_sql(self.dialect());
        let mut latest = vec![Vec::new(); names.len()];
        self.for_each(&sql, &[names.into()], |row| {
            at_position(row, &mut latest)?.push(read_version(row, 1)?);
            Ok(())
        })?;
        Ok(latest)
    }

    /// Reads the tags of versions.
    pub(super) fn fill_version_tags(&mut self, versions: &mut [&mut ModelVersion]) -> Result<(), DbError> {
        let places: Vec<String> = versions
            .iter()
            .map(|version| format!("{}/{}", version.version, version.name))
            .collect();
        let dialect = self.dialect();
        let sql = format!(
            "SELECT page.position, t.key, t.value
               FROM {} page
               CROSS JOIN model_version_tags t
              WHERE t.workspace = 'default' AND t.name = {} AND t.version = {}",
            dialect.ids_with_position("$1"),
            dialect.behind_slash("page.id"),
            dialect.number_before_slash("page.id"),
        );
        self.for_each(&sql, &[places.as_slice().into()], |row| {
            at_position(row, versions)?.tags.push(read_tag(row, 1)?);
            Ok(())
        })
    }

    /// Reads the aliases of versions of one model.
    pub(super) fn fill_version_aliases(
        &mut self,
        name: &ModelName,
        versions: &mut [ModelVersion],
    ) -> Result<(), DbError> {
        self.for_each(ALIASES_OF_MODEL, &[name.as_str().into()], |row| {
            let number = VersionNumber::from_row(row.int(1)?);
            let version = versions.iter_mut().find(|version| version.version == number);
            if let Some(version) = version {
                version.aliases.push(row.text(0)?);
            }
            Ok(())
        })
    }
}

/// The newest version of each stage of the models whose names are the one parameter.
pub(super) fn latest_versions_sql(dialect: Dialect) -> String {
    let page = dialect.ids_with_position("$1");
    let number_in_stage = |function: &str| {
        format!(
            "(SELECT {function}(n.version) FROM model_versions n
               WHERE n.workspace = 'default' AND n.name = page.id AND n.current_stage = s.stage)"
        )
    };
    format!(
        "SELECT page.position, {VERSION_COLUMNS}
           FROM {page} page
           CROSS JOIN {STAGES} s
           CROSS JOIN model_versions v
          WHERE v.workspace = 'default' AND v.name = page.id AND v.version = {}
          ORDER BY page.position, {}",
        number_in_stage("MAX"),
        number_in_stage("MIN"),
    )
}
