//! The access rule of an endpoint. Every row of the server's route table has one; there is no default.

use crate::Permission;

/// What a request needs to be let in, decided per endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: health, server information, the pages' own files.
    Public,
    /// Anybody who is logged in; what they see is filtered to what they may read.
    Authenticated,
    /// A permission on the object that owns what the request is about.
    Needs(Permission, Owner),
    /// Administrators.
    Admin,
}

impl Access {
    /// Reading is enough.
    pub const fn read(owner: Owner) -> Self {
        Self::Needs(Permission::Read, owner)
    }

    /// Changing must be allowed.
    pub const fn edit(owner: Owner) -> Self {
        Self::Needs(Permission::Edit, owner)
    }

    /// Deleting, restoring and granting must be allowed.
    pub const fn manage(owner: Owner) -> Self {
        Self::Needs(Permission::Manage, owner)
    }
}

/// Where a request names the objects whose permissions count. Whatever a request names in the fields of its row has to be
/// allowed, whether its handler looks at it or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// `experiment_id`, which is experiment 0 if it is not sent.
    Experiment,
    /// `experiment_id` of the query, whatever the method.
    ExperimentInQuery,
    /// `experiment_name`.
    ExperimentByName,
    /// `experiment_id`, or nothing in particular if there is none: states of pages that belong to nobody.
    ExperimentIfNamed,
    /// The experiment of a new run, in `experiment_id`.
    NewRun,
    /// The experiment of a new logged model, in `experiment_id`.
    NewLoggedModel,
    /// `experiment_ids`: the runs of each of them.
    Experiments,
    /// `experiment_ids`: the logged models of each of them.
    LoggedModelsOfExperiments,
    /// The experiment of the run named by `run_id` and `run_uuid`, and those of the logged models beside it.
    ExperimentOfRun,
    /// The same in the query, whatever the method: the body is a file.
    ExperimentOfRunInQuery,
    /// The experiments of the runs named by `run_ids`, `run_id` or `runs`: each of them.
    ExperimentsOfRuns,
    /// Of a selection of runs: `experiments`, each of them, and the experiments of the runs named by `ids`.
    ExperimentsOfSelection,
    /// The same for a selection in the query: its parts separated by commas, or all of it as JSON in `request`.
    ExperimentsOfSelectionInQuery,
    /// `experiments` and the experiments of `runs`: each of them.
    ExperimentsAndRuns,
    /// The experiment of the logged model in the path.
    ExperimentOfLoggedModel,
    /// The registered model or prompt named by `name`.
    RegisteredModel,
    /// A version of the registered model or prompt named by `name`.
    ModelVersion,
    /// A new version of the registered model or prompt named by `name`; where it comes from has to be readable as well.
    NewModelVersion,
    /// The experiment whose id begins the artifact path; any other path is for administrators.
    ExperimentOfArtifactPath,
    /// The same for a folder, whose path is `path` in the query.
    ExperimentOfArtifactFolder,
}
