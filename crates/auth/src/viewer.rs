//! Somebody who is logged in, and what they may do.

use std::sync::Arc;

use oxflow_core::ExperimentId;

use crate::grants::fold;
use crate::{Grants, Permission, ResourceType, UserName};

/// A user with the grants they had when the request came.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The id in the database of users.
    pub id: i64,
    /// The name they log in with.
    pub name: UserName,
    /// Whether they may do everything.
    pub is_admin: bool,
    /// What their roles grant.
    pub grants: Arc<Grants>,
    /// What everybody may do with what no grant speaks of.
    pub default: Permission,
    /// The most that the token they came with allows; `None` for a password or a session.
    pub ceiling: Option<Permission>,
}

/// Something that permissions are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object<'a> {
    /// An experiment.
    Experiment(ExperimentId),
    /// A run of an experiment, with all that is logged to it.
    Run(ExperimentId),
    /// A logged model of an experiment.
    LoggedModel(ExperimentId),
    /// A registered model, or a prompt, by its name.
    Model {
        /// Its name.
        name: &'a str,
        /// Whether it is a prompt, which has grants of its own.
        is_prompt: bool,
    },
    /// A version of a registered model or of a prompt.
    ModelVersion {
        /// The model's name.
        name: &'a str,
        /// Whether it is a prompt's.
        is_prompt: bool,
    },
}

impl Object<'_> {
    /// What grants may be about, the narrowest first, and whether the last has to be readable as well.
    fn rungs(&self) -> ([Option<ResourceType>; 1], ResourceType, String) {
        use ResourceType::{
            Experiment, LoggedModel, Prompt, PromptVersion, RegisteredModel, RegisteredModelVersion, Run,
        };
        match *self {
            Self::Experiment(id) => ([None], Experiment, id.to_string()),
            Self::Run(id) => ([Some(Run)], Experiment, id.to_string()),
            Self::LoggedModel(id) => ([Some(LoggedModel)], Experiment, id.to_string()),
            Self::Model { name, is_prompt } => ([None], ResourceType::of_model(is_prompt), name.to_owned()),
            Self::ModelVersion {
                name,
                is_prompt: true,
            } => ([Some(PromptVersion)], Prompt, name.to_owned()),
            Self::ModelVersion {
                name,
                is_prompt: false,
            } => ([Some(RegisteredModelVersion)], RegisteredModel, name.to_owned()),
        }
    }
}

impl Viewer {
    /// Whether they may do that much with it.
    ///
    /// What belongs to something, such as a run to its experiment, has grants of its own type; where one speaks, it
    /// decides instead of the owner's. What it belongs to has to be readable all the same.
    /// Source: `mlflow.server.auth.requirements`, MLflow 3.17.2.
    pub fn may(&self, need: Permission, object: &Object<'_>) -> bool {
        if self.ceiling.is_some_and(|ceiling| need > ceiling) {
            return false;
        }
        if self.may_everything() {
            return true;
        }
        let ([part], owner, id) = object.rungs();
        let of_owner = self.on(owner, &id);
        let of_part = part.and_then(|part| self.granted(part, "*"));
        match of_part {
            Some(of_part) => of_part >= need && of_owner >= Permission::Read,
            None => of_owner >= need,
        }
    }

    /// What they may do with one thing of a type, by grants or because everybody may.
    pub fn on(&self, resource_type: ResourceType, id: &str) -> Permission {
        if self.may_everything() {
            return Permission::Manage;
        }
        self.granted(resource_type, id)
            .unwrap_or_else(|| self.default.at_least(self.default))
    }

    /// Whether they may create something of a type: nothing forbids it, and no token keeps them from it.
    pub fn may_create(&self, resource_type: ResourceType, id: &str) -> bool {
        let is_within_token = self.ceiling.is_none_or(|ceiling| ceiling >= Permission::Edit);
        is_within_token
            && (self.may_everything() || self.granted(resource_type, id) != Some(Permission::Deny))
    }

    /// Whether nothing denies them all parts of a type, such as all runs.
    pub fn is_not_denied(&self, part: ResourceType) -> bool {
        self.may_everything() || self.granted(part, "*") != Some(Permission::Deny)
    }

    /// Whether they may administer users, roles, and everything that has no owner.
    pub fn may_administer(&self) -> bool {
        self.is_admin && self.ceiling.is_none()
    }

    /// Whether they may do everything with what is tracked.
    pub fn may_everything(&self) -> bool {
        self.is_admin || self.grants.manages_workspace()
    }

    /// Which things of a type they may read; none of them if a grant denies them `part`.
    pub fn readable(&self, resource_type: ResourceType, part: Option<ResourceType>) -> Visible {
        if self.may_everything() {
            return Visible::All;
        }
        if part.is_some_and(|part| !self.is_not_denied(part)) {
            return Visible::Only(Vec::new());
        }
        let reads = |permission: Permission| permission.at_least(self.default) >= Permission::Read;
        let Some(of_type) = self.grants.of_type(resource_type) else {
            return Visible::rest(reads(self.default), Vec::new());
        };
        let rest_is_readable = reads(of_type.every.unwrap_or(self.default));
        let mut ids: Vec<String> = of_type
            .by_id
            .iter()
            .filter(|(_, own)| reads(fold(of_type.every, **own)) != rest_is_readable)
            .map(|(id, _)| id.clone())
            .collect();
        ids.sort_unstable();
        Visible::rest(rest_is_readable, ids)
    }

    fn granted(&self, resource_type: ResourceType, id: &str) -> Option<Permission> {
        let granted = self.grants.on(resource_type, id)?;
        Some(granted.at_least(self.default))
    }
}

/// Which things of a type somebody may see: what a search puts into its SQL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Visible {
    /// All of them.
    #[default]
    All,
    /// Those with these ids.
    Only(Vec<String>),
    /// All but those with these ids.
    AllBut(Vec<String>),
}

impl Visible {
    fn rest(is_visible: bool, exceptions: Vec<String>) -> Self {
        match (is_visible, exceptions.is_empty()) {
            (true, true) => Self::All,
            (true, false) => Self::AllBut(exceptions),
            (false, _) => Self::Only(exceptions),
        }
    }

    /// Whether one of them is visible.
    pub fn shows(&self, id: &str) -> bool {
        let has = |ids: &[String]| ids.binary_search_by(|known| known.as_str().cmp(id)).is_ok();
        match self {
            Self::All => true,
            Self::Only(ids) => has(ids),
            Self::AllBut(ids) => !has(ids),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Grant;

    const ONE: Object<'_> = Object::Experiment(ExperimentId::from_row(1));
    const RUN: Object<'_> = Object::Run(ExperimentId::from_row(1));

    /// A type, a pattern, and what is granted.
    type Row = (ResourceType, &'static str, Permission);

    fn viewer(default: Permission, grants: &[Row]) -> Viewer {
        let grants = grants.iter().map(|(resource_type, pattern, permission)| Grant {
            resource_type: *resource_type,
            pattern: (*pattern).to_owned(),
            permission: *permission,
        });
        Viewer {
            id: 1,
            name: UserName::from_row("alice".to_owned()),
            is_admin: false,
            grants: Arc::new(Grants::new(grants)),
            default,
            ceiling: None,
        }
    }

    use Permission::{Deny, Edit, Manage, NoPermissions, Read, Use};
    use ResourceType::{Experiment, Run, Workspace};

    #[test]
    fn without_a_grant_the_default_counts() {
        assert!(viewer(Read, &[]).may(Read, &ONE));
        assert!(!viewer(Read, &[]).may(Edit, &ONE));
        assert!(!viewer(NoPermissions, &[]).may(Read, &ONE));
    }

    #[test]
    fn a_grant_is_never_less_than_the_default_unless_it_denies() {
        assert!(viewer(Edit, &[(Experiment, "1", Read)]).may(Edit, &ONE));
        for refusal in [Deny, NoPermissions] {
            assert!(
                !viewer(Edit, &[(Experiment, "1", refusal)]).may(Read, &ONE),
                "{refusal}"
            );
        }
    }

    #[test]
    fn of_several_grants_the_highest_counts_and_a_denial_beats_all() {
        let several = viewer(NoPermissions, &[(Experiment, "1", Read), (Experiment, "*", Edit)]);
        assert!(several.may(Edit, &ONE) && !several.may(Manage, &ONE));
        let denied = viewer(Manage, &[(Experiment, "1", Manage), (Experiment, "*", Deny)]);
        assert!(!denied.may(Read, &ONE));
    }

    #[test]
    fn a_grant_on_runs_decides_in_place_of_the_experiments() {
        let less = viewer(NoPermissions, &[(Experiment, "1", Manage), (Run, "*", Read)]);
        assert!(less.may(Manage, &ONE) && less.may(Read, &RUN) && !less.may(Edit, &RUN));
        let more = viewer(NoPermissions, &[(Experiment, "1", Read), (Run, "*", Edit)]);
        assert!(more.may(Edit, &RUN) && !more.may(Edit, &ONE));
        let unseen = viewer(NoPermissions, &[(Run, "*", Edit)]);
        assert!(!unseen.may(Read, &RUN), "the experiment has to be readable");
    }

    #[test]
    fn who_manages_the_workspace_may_everything_but_administer() {
        let manager = viewer(
            NoPermissions,
            &[(Workspace, "*", Manage), (Experiment, "1", Deny)],
        );
        assert!(manager.may(Manage, &ONE) && !manager.may_administer());
        assert!(!viewer(NoPermissions, &[(Workspace, "*", Use)]).may(Read, &ONE));
    }

    #[test]
    fn a_token_allows_no_more_than_its_scope() {
        let mut reader = viewer(Manage, &[]);
        reader.is_admin = true;
        reader.ceiling = Some(Read);
        assert!(reader.may(Read, &ONE) && !reader.may(Edit, &ONE));
        assert!(!reader.may_administer() && !reader.may_create(Experiment, "*"));
    }

    #[test]
    fn what_is_visible_is_what_may_be_read() {
        let cases: [(Permission, &[Row]); 7] = [
            (NoPermissions, &[]),
            (Read, &[]),
            (NoPermissions, &[(Experiment, "1", Read), (Experiment, "3", Deny)]),
            (Read, &[(Experiment, "1", Deny), (Experiment, "3", Edit)]),
            (NoPermissions, &[(Experiment, "*", Read), (Experiment, "2", Deny)]),
            (Read, &[(Experiment, "*", Deny), (Experiment, "2", Manage)]),
            (NoPermissions, &[(Workspace, "*", Manage)]),
        ];
        for (default, grants) in cases {
            let viewer = viewer(default, grants);
            let visible = viewer.readable(Experiment, None);
            for id in 0..4 {
                let may = viewer.may(Read, &Object::Experiment(ExperimentId::from_row(id)));
                assert_eq!(visible.shows(&id.to_string()), may, "{default} {grants:?} {id}");
            }
        }
        let no_runs = viewer(Read, &[(Run, "*", Deny)]);
        assert_eq!(no_runs.readable(Experiment, Some(Run)), Visible::Only(Vec::new()));
    }
}
