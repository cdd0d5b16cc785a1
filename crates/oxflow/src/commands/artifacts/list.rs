//! `oxflow artifacts list`.

use std::process::ExitCode;

use clap::Args;

use super::location::{Author, Location};
use super::relative::RelativePath;
use super::served::Entry;
use super::{ServerChoice, api, failure, local};
use crate::commands::print;
use crate::env::Env;
use crate::failure::Failure;

/// Flags of `oxflow artifacts list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  oxflow artifacts list --run-id 0a1b… --artifact-path model
  [{
    \"path\": \"model/MLmodel\",
    \"is_dir\": false,
    \"file_size\": 1057
  }]")]
pub struct ListArgs {
    /// The run.
    #[arg(long, short = 'r', value_name = "ID")]
    run_id: String,
    /// A folder below the artifacts of the run.
    #[arg(long, short = 'a', value_name = "PATH")]
    artifact_path: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

/// Prints what is in a folder, as JSON.
pub fn run(args: &ListArgs, env: &Env) -> Result<ExitCode, Failure> {
    let folder = RelativePath::parse_folder(args.artifact_path.as_deref().unwrap_or_default())
        .map_err(|error| failure(error.into()))?;
    let client = args.server.open(env)?;
    let found = api::run(&client, &args.run_id).map_err(failure)?;
    let entries = match Location::of_uri(&found.artifact_uri, Author::Server, &client, env)? {
        Location::Served(served) => served.list(&folder),
        Location::Local(root) => local::list(&root, &folder),
    };
    let entries: Vec<String> = entries.map_err(failure)?.iter().map(json).collect();
    print(&format!("[{}]", entries.join(", ")));
    Ok(ExitCode::SUCCESS)
}

/// As MLflow's `_file_infos_to_json` prints it: two spaces, no size for an empty file, ASCII only.
fn json(entry: &Entry) -> String {
    let mut lines = format!(
        "  \"path\": {},\n  \"is_dir\": {}",
        ascii_json(entry.path.as_str()),
        entry.is_dir
    );
    if let Some(size) = entry.size.filter(|size| *size > 0) {
        lines += &format!(",\n  \"file_size\": {size}");
    }
    format!("{{\n{lines}\n}}")
}

/// A text as Python's `json.dumps` writes it.
fn ascii_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let mut ascii = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        if (' '..='~').contains(&c) {
            ascii.push(c);
        } else {
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .for_each(|unit| ascii += &format!("\\u{unit:04x}"));
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_printed_as_mlflow_prints_them() {
        let entry = |path, is_dir, size| Entry {
            path: RelativePath::parse(path).unwrap(),
            is_dir,
            size,
        };
        assert_eq!(
            json(&entry("a", false, Some(3))),
            "{\n  \"path\": \"a\",\n  \"is_dir\": false,\n  \"file_size\": 3\n}"
        );
        assert_eq!(
            json(&entry("0", false, Some(0))),
            "{\n  \"path\": \"0\",\n  \"is_dir\": false\n}"
        );
        assert_eq!(
            ascii_json("dä\"r\n\u{7f}😀"),
            "\"d\\u00e4\\\"r\\n\\u007f\\ud83d\\ude00\""
        );
    }
}
