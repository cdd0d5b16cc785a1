//! Paths that are never a page, so that a client that asks for an API which is not there is told so.

use percent_encoding::percent_decode_str;

/// First segments of the paths of MLflow's and our own interfaces, served by this release or not.
const RESERVED: [&str; 17] = [
    "ajax-api",
    "api",
    "gateway",
    "get-artifact",
    "get-trace-artifact",
    "graphql",
    "health",
    "livez",
    "metrics",
    "mlflow-artifacts",
    "otel",
    "readyz",
    "static-files",
    "upload-artifact",
    "v1",
    "version",
    "welcome.css",
];

/// Whether a path, below the static prefix, may be a place within the UI.
pub(super) fn may_be_a_page(path: &str) -> bool {
    let Ok(decoded) = percent_decode_str(path).decode_utf8() else {
        return false;
    };
    // What was `%2f` would name another path to whoever looks at it next.
    let has_hidden_parts = decoded.matches('/').count() != path.matches('/').count()
        || decoded.contains(['\\', '\0'])
        || decoded.split('/').any(|part| matches!(part, "." | ".."));
    let Some(below) = decoded.strip_prefix('/').filter(|_| !has_hidden_parts) else {
        return false;
    };
    let first = below.split('/').next().unwrap_or_default();
    !RESERVED.contains(&first) && below != "model-versions/get-artifact"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_told_from_places() {
        for path in [
            "/runs/7f3c",
            "/models/a%20b/versions/1",
            "/apis",
            "/versions",
            "/model-versions/x",
            "/x%25y",
            "/",
        ] {
            assert!(may_be_a_page(path), "{path}");
        }
        for path in [
            "/api/2.0/x",
            "/api",
            "/%61pi/2.0/x",
            "/v1/traces",
            "/static-files/../x",
            "/model-versions/get-artifact",
            "/runs/..%2f..%2fapi",
            "/runs/%2e%2e/api",
            "/runs/a%5cb",
            "/runs/%00",
            "/%ff",
            "runs",
            "",
        ] {
            assert!(!may_be_a_page(path), "{path}");
        }
    }
}
