/** What the file MLmodel says about a model. */

import { schemaColumns, type SchemaColumn } from '../format/schema';

export interface ModelParam {
  name: string;
  type: string;
  default: string;
}

export interface ModelFacts {
  flavors: { name: string; facts: [string, string][] }[];
  inputs: SchemaColumn[];
  outputs: SchemaColumn[];
  params: ModelParam[];
  modelId: string | null;
  uuid: string | null;
  size: number | null;
  mlflowVersion: string | null;
  pythonVersion: string | null;
  created: string | null;
  /** The files of the environment, such as `conda.yaml`, and of the example. */
  files: { role: string; path: string }[];
  servingExample: string | null;
}

type Json = Record<string, unknown>;
const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;

export function modelFacts(value: unknown): ModelFacts {
  const model = record(value);
  const flavors = record(model.flavors);
  const signature = record(model.signature);
  const pyfunc = record(flavors.python_function);
  const example = record(model.saved_input_example_info);
  const environment = record(pyfunc.env);
  const files = [
    ...Object.entries(environment).map(([role, path]) => ({ role, path: text(path) })),
    // MLflow 1 has the path of the conda file itself here.
    { role: 'conda', path: text(pyfunc.env) },
    { role: 'requirements', path: Object.keys(flavors).length ? 'requirements.txt' : null },
    { role: 'input example', path: text(example.artifact_path) },
    { role: 'request for serving', path: text(example.serving_input_path) },
  ];
  return {
    flavors: Object.entries(flavors).map(([name, facts]) => ({
      name,
      facts: Object.entries(record(facts)).flatMap(([key, one]): [string, string][] => {
        const shown = typeof one === 'object' && one !== null ? JSON.stringify(one) : text(one);
        return shown === null || shown === '{}' ? [] : [[key.replace(/_/g, ' '), shown]];
      }),
    })),
    inputs: columns(signature.inputs),
    outputs: columns(signature.outputs),
    params: params(signature.params),
    modelId: text(model.model_id),
    uuid: text(model.model_uuid),
    size: typeof model.model_size_bytes === 'number' ? model.model_size_bytes : null,
    mlflowVersion: text(model.mlflow_version),
    pythonVersion: text(pyfunc.python_version),
    created: text(model.utc_time_created),
    files: files.filter((one): one is { role: string; path: string } => one.path !== null),
    servingExample: text(example.serving_input_path),
  };
}

/** A signature's JSON is that of a dataset's schema without the name around it. */
function columns(json: unknown): SchemaColumn[] {
  return schemaColumns(`{"mlflow_colspec": ${text(json) ?? '[]'}}`) ?? [];
}

function params(json: unknown): ModelParam[] {
  try {
    const all: unknown = JSON.parse(text(json) ?? '[]');
    if (!Array.isArray(all)) return [];
    return all.map(record).map((one) => ({
      name: text(one.name) ?? '',
      type: text(one.type ?? one.dtype) ?? '',
      default: JSON.stringify(one.default) ?? '',
    }));
  } catch {
    return [];
  }
}

/** How to get and use the model, with this server's address. */
export function howToLoad(
  server: string,
  uri: string,
  facts: ModelFacts,
  python: (text: string) => string,
  shell: (text: string) => string,
): { title: string; language: 'python' | 'bash'; code: string }[] {
  const head = `import mlflow\n\nmlflow.set_tracking_uri(${python(server)})\n`;
  const native = facts.flavors.find(({ name }) => name !== 'python_function' && /^\w+$/.test(name))?.name;
  const tracking = `export MLFLOW_TRACKING_URI=${shell(server)}\n`;
  return [
    {
      title: 'Python, any flavor',
      language: 'python',
      code: `${head}model = mlflow.pyfunc.load_model(${python(uri)})\npredictions = model.predict(data)\n`,
    },
    ...(native
      ? [
          {
            title: `Python, ${native}`,
            language: 'python' as const,
            code: `${head}model = mlflow.${native}.load_model(${python(uri)})\n`,
          },
        ]
      : []),
    {
      title: 'Serve it',
      language: 'bash',
      code: `${tracking}mlflow models serve --model-uri ${shell(uri)} --port 5001 --env-manager local\n`,
    },
    {
      title: 'Ask the served model',
      language: 'bash',
      code:
        `curl -s http://127.0.0.1:5001/invocations -H 'Content-Type: application/json' ` +
        (facts.servingExample
          ? `-d @${shell(facts.servingExample)}\n`
          : `-d '{"dataframe_split": {"columns": [], "data": []}}'\n`),
    },
    {
      title: 'Docker',
      language: 'bash',
      code: `${tracking}mlflow models build-docker --model-uri ${shell(uri)} --name my-model\ndocker run -p 5001:8080 my-model\n`,
    },
  ];
}
