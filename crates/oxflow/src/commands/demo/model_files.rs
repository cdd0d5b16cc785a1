//! The folder of a saved model, as MLflow 3.17 writes it.

use oxflow_core::Utc;
use serde_json::{Value, json};

use super::plan::File;
use super::random::Random;

/// The library of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    Pytorch,
    Transformers,
    Sklearn,
    Prophet,
}

impl Flavor {
    fn library(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Pytorch => ("pytorch", "torch", "2.9.1"),
            Self::Transformers => ("transformers", "transformers", "4.57.3"),
            Self::Sklearn => ("sklearn", "scikit-learn", "1.8.0"),
            Self::Prophet => ("prophet", "prophet", "1.2.1"),
        }
    }

    fn data(self) -> (&'static str, usize) {
        match self {
            Self::Pytorch => ("data/model.pth", 96 * 1024),
            Self::Transformers => ("model/model.safetensors", 128 * 1024),
            Self::Sklearn => ("model.pkl", 24 * 1024),
            Self::Prophet => ("model.pr", 12 * 1024),
        }
    }

    fn schema(self) -> (Value, Value) {
        match self {
            Self::Pytorch => (
                json!([{ "type": "tensor", "tensor-spec": { "dtype": "float32", "shape": [-1, 3, 224, 224] } }]),
                json!([{ "type": "tensor", "tensor-spec": { "dtype": "float32", "shape": [-1, 10] } }]),
            ),
            Self::Transformers => (
                json!([{ "type": "string", "name": "text", "required": true }]),
                json!([{ "type": "string", "name": "label", "required": true }, { "type": "double", "name": "score", "required": true }]),
            ),
            Self::Sklearn => (
                json!([
                    { "type": "long", "name": "tenure_months", "required": true },
                    { "type": "double", "name": "monthly_charges", "required": true },
                    { "type": "string", "name": "contract", "required": true },
                    { "type": "boolean", "name": "paperless", "required": false },
                ]),
                json!([{ "type": "double", "required": true }]),
            ),
            Self::Prophet => (
                json!([{ "type": "datetime", "name": "ds", "required": true }]),
                json!([{ "type": "double", "name": "yhat", "required": true }]),
            ),
        }
    }

    fn example(self) -> Value {
        match self {
            Self::Pytorch => json!({ "columns": [0], "data": [[0.485], [0.456], [0.406]] }),
            Self::Transformers => {
                json!({ "columns": ["text"], "data": [["The battery lasts two days."], ["Never again."]] })
            }
            Self::Sklearn => json!({
                "columns": ["tenure_months", "monthly_charges", "contract", "paperless"],
                "data": [[12, 70.35, "month-to-month", true], [48, 25.1, "two-year", false]],
            }),
            Self::Prophet => {
                json!({ "columns": ["ds"], "data": [["2026-01-01T00:00:00"], ["2026-01-02T00:00:00"]] })
            }
        }
    }
}

/// What is written into the file `MLmodel` about itself.
#[derive(Debug)]
pub struct Identity<'a> {
    pub run_id: &'a str,
    /// Absent for a model in the artifacts of a run, as MLflow 2 stored it.
    pub model_id: Option<&'a str>,
    pub created: &'a str,
}

/// Every file of the folder.
pub fn files(flavor: Flavor, identity: &Identity<'_>, random: &mut Random) -> Vec<File> {
    let (module, package, version) = flavor.library();
    let (data, size) = flavor.data();
    let example = flavor.example();
    let weights: Vec<u8> = (0..size).map(|_| random.bits() as u8).collect();
    let file = |path: &str, content: String| File {
        path: path.to_owned(),
        content: content.into_bytes(),
    };
    vec![
        file("MLmodel", mlmodel(flavor, identity)),
        file("conda.yaml", format!(
            "channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip<=23.2.1\n- pip:\n  - mlflow==3.17.2\n  - \
             {package}=={version}\n  - numpy==2.4.6\nname: mlflow-env\n"
        )),
        file("python_env.yaml", "python: 3.11.7\nbuild_dependencies:\n- pip==23.2.1\n- setuptools==65.5.0\n- wheel\ndependencies:\n- -r requirements.txt\n".to_owned()),
        file("requirements.txt", format!("mlflow==3.17.2\n{package}=={version}\nnumpy==2.4.6")),
        file("input_example.json", example.to_string()),
        file("serving_input_example.json", format!("{:#}", json!({ "dataframe_split": example }))),
        file("README.md", format!("# {module} model\n\nSaved by `mlflow.{module}.log_model`.\n")),
        File {
            path: data.to_owned(),
            content: weights,
        },
    ]
}

fn mlmodel(flavor: Flavor, identity: &Identity<'_>) -> String {
    let (module, package, version) = flavor.library();
    let (data, size) = flavor.data();
    let (inputs, outputs) = flavor.schema();
    let model_id = identity.model_id.unwrap_or("null");
    format!(
        "artifact_path: model\n\
         flavors:\n  python_function:\n    data: {data}\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n    \
         loader_module: mlflow.{module}\n    python_version: 3.11.7\n  {module}:\n    code: null\n    model_data: {data}\n    \
         {library}_version: {version}\n\
         mlflow_version: 3.17.2\nmodel_id: {model_id}\nmodel_size_bytes: {size}\nrun_id: {run}\n\
         saved_input_example_info:\n  artifact_path: input_example.json\n  pandas_orient: split\n  serving_input_path: \
         serving_input_example.json\n  type: dataframe\n\
         signature:\n  inputs: '{inputs}'\n  outputs: '{outputs}'\n  params: null\n\
         utc_time_created: '{created}'\n",
        library = package.replace('-', "_"),
        run = identity.run_id,
        created = identity.created,
    )
}

/// A time as MLflow writes it into the file: `2026-11-21 12:18:22.860372`.
pub fn utc(time_ms: i64) -> String {
    let utc = Utc::of_ms(time_ms);
    format!(
        "{}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}",
        utc.year,
        utc.month,
        utc.day,
        utc.hour,
        utc.minute,
        utc.second,
        u32::from(utc.millisecond) * 1000
    )
}
