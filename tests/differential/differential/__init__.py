"""Random requests, sent to MLflow and to Oxflow; the answers must be the same."""
