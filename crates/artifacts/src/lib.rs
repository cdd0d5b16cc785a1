//! Artifact paths, servable locations and the stores behind them.
