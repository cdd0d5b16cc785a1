//! JSON shapes of the MLflow REST API and MLflow's JSON rules.
