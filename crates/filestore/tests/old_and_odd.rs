//! Files of very old versions, of other machines, and hostile ones.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::path::Path;

use oxflow_core::{LifecycleStage, RunStatus};
use oxflow_filestore::{FileStore, Problem, RunFolder};
use tempfile::TempDir;

const RUN: &str = "0123456789abcdef0123456789abcdef";

/// A store with experiment 0 and whatever `files` say, as paths below its root.
fn store(files: &[(&str, &str)]) -> (TempDir, FileStore) {
    let dir = TempDir::new().unwrap();
    for (path, content) in [("0/meta.yaml", "experiment_id: 0\nname: Default\n")]
        .iter()
        .chain(files)
    {
        let path = dir.path().join(path.replace("RUN", RUN));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let store = FileStore::open(dir.path()).unwrap();
    (dir, store)
}

fn run(store: &FileStore) -> (Result<Option<RunFolder>, Problem>, Vec<String>) {
    let mut told = Vec::new();
    let mut report = |problem: Problem| told.push(problem.to_string());
    let folder = store
        .experiment("0", LifecycleStage::Active, &mut report)
        .unwrap();
    let run = folder.run(RUN, &mut report);
    (run, told)
}

fn refused(meta: &str) -> String {
    let (_dir, store) = store(&[("0/RUN/meta.yaml", meta)]);
    run(&store).0.unwrap_err().to_string()
}

#[test]
fn a_run_of_mlflow_0_9_is_read() {
    let meta = format!(
        "artifact_uri: /home/me/mlruns/0/{RUN}/artifacts\nend_time: 1545000000000\nentry_point_name: main\n\
         experiment_id: 0\nname: ''\nrun_uuid: {RUN}\nsource_name: train.py\nsource_type: 3\nsource_version: abc\n\
         start_time: 1544999999999.0\nstatus: 3\ntags: []\nuser_id: me\n"
    );
    let (_dir, store) = store(&[("0/RUN/meta.yaml", &meta), ("0/RUN/tags/mlflow.runName", "first")]);
    let (read, told) = run(&store);
    let stored = read.unwrap().unwrap().stored;
    let info = &stored.run.info;
    assert_eq!(told, [""; 0]);
    assert_eq!(info.run_name.as_deref(), Some("first"));
    assert_eq!(
        (info.status, info.lifecycle_stage),
        (RunStatus::Finished, LifecycleStage::Active)
    );
    assert_eq!(
        (info.start_time_ms, info.end_time_ms),
        (Some(1_544_999_999_999), Some(1_545_000_000_000))
    );
    assert_eq!(
        (stored.source.kind, stored.source.name.as_str()),
        ("PROJECT", "train.py")
    );
}

#[test]
fn texts_that_look_like_numbers_stay_as_they_were_written() {
    let meta = format!("run_id: {RUN}\nexperiment_id: '0'\nrun_name: 1e3\nuser_id: 0o17\nstatus: FINISHED\n");
    let (_dir, store) = store(&[("0/RUN/meta.yaml", &meta)]);
    let info = run(&store).0.unwrap().unwrap().stored.run.info;
    assert_eq!(
        (info.run_name.as_deref(), info.user_id.as_deref()),
        (Some("1e3"), Some("0o17"))
    );
}

#[test]
fn a_meta_yaml_that_cannot_be_meant_is_named() {
    assert!(refused("").contains("meta.yaml: the file is empty"));
    assert!(refused("run_id: [\n").contains("meta.yaml:1: not readable as YAML"));
    assert!(refused("run_id: other\n").contains("`run_id` is `other`"));
    assert!(refused("experiment_id: 7\n").contains("`experiment_id` is `7`"));
    assert!(refused("status: 9\n").contains("`status` is `9`"));
    assert!(refused("start_time: noon\n").contains("`start_time` is `noon`"));
}

#[test]
fn an_alias_bomb_is_a_problem_and_not_an_end() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let before = format!("*a{}, ", i - 1).repeat(10);
        bomb += &format!("a{i}: &a{i} [{}]\n", before.trim_end_matches(", "));
    }
    assert!(refused(&format!("{bomb}run_id: {RUN}\n")).contains("not readable as YAML"));
}

#[test]
fn what_is_no_file_is_not_opened() {
    let (dir, store) = store(&[
        ("0/RUN/meta.yaml", &format!("run_id: {RUN}\n")),
        ("0/RUN/params/a", "1"),
    ]);
    let params = dir.path().join("0").join(RUN).join("params");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        params.join("pipe"),
        rustix::fs::FileType::Fifo,
        mode,
        0,
    )
    .unwrap();
    std::os::unix::fs::symlink("/etc/passwd", params.join("link")).unwrap();
    std::os::unix::fs::symlink("/etc", params.join("folder")).unwrap();
    fs::write(params.join(".DS_Store"), [0, 1, 2]).unwrap();
    let (read, mut told) = run(&store);
    assert_eq!(read.unwrap().unwrap().stored.run.params.len(), 1);
    told.sort();
    let ends = [
        "folder: a symbolic link",
        "link: a symbolic link",
        "pipe: neither a file nor a folder",
    ];
    assert_eq!(told.len(), ends.len(), "{told:?}");
    for (told, end) in told.iter().zip(ends) {
        assert!(told.contains(&format!("params/{end}")), "{told}");
    }
}

#[test]
fn an_id_out_of_a_file_is_no_path() {
    let input = "source_type: DATASET\nsource_id: ../../0\ntags: {}\n";
    let (_dir, store) = store(&[
        ("0/RUN/meta.yaml", &format!("run_id: {RUN}\n")),
        ("0/RUN/inputs/x/meta.yaml", input),
    ]);
    let (read, told) = run(&store);
    assert!(read.unwrap().unwrap().stored.run.dataset_inputs.is_empty());
    assert!(told[0].contains("`source_id` is `../../0`"), "{told:?}");
}

#[test]
fn deleted_experiments_are_in_the_trash() {
    let (_dir, store) = store(&[
        (
            ".trash/5/meta.yaml",
            "experiment_id: '5'\nname: gone\nlifecycle_stage: active\n",
        ),
        ("models/wine/meta.yaml", "name: wine\n"),
        ("notes/readme.txt", "no experiment"),
    ]);
    let ids = store.experiment_ids(&mut |problem| panic!("{problem}"));
    assert_eq!(
        ids,
        [
            ("0".to_owned(), LifecycleStage::Active),
            ("5".to_owned(), LifecycleStage::Deleted)
        ]
    );
    let gone = store
        .experiment("5", LifecycleStage::Deleted, &mut |problem| panic!("{problem}"))
        .unwrap();
    assert_eq!(gone.experiment.lifecycle_stage, LifecycleStage::Deleted);
    assert_eq!(gone.path(), Path::new(".trash/5"));
}
