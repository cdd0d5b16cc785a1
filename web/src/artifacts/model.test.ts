import { expect, it } from 'vitest';
import { pythonText, shellText } from '../format/code';
import { howToLoad, modelFacts } from './model';

const facts = modelFacts({
  flavors: {
    python_function: {
      env: { conda: 'conda.yaml' },
      python_version: '3.11.7',
      loader_module: 'mlflow.sklearn',
    },
    sklearn: { sklearn_version: '1.5', code: null },
  },
  saved_input_example_info: { artifact_path: 'input_example.json', serving_input_path: 'serving.json' },
  signature: {
    inputs: '[{"type": "double", "name": "x", "required": true}]',
    outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]',
    params: '[{"name": "threshold", "type": "double", "default": 0.5, "shape": null}]',
  },
  model_size_bytes: 10,
});

it('reads a model', () => {
  expect(facts.inputs).toEqual([{ name: 'x', type: 'double', isRequired: true }]);
  expect(facts.outputs[0]?.type).toBe('int64 (-1)');
  expect(facts.params).toEqual([{ name: 'threshold', type: 'double', default: '0.5' }]);
  expect(facts.flavors[1]).toEqual({ name: 'sklearn', facts: [['sklearn version', '1.5']] });
  expect(facts.files.map(({ path }) => path)).toContain('conda.yaml');
});

it('takes anything', () => {
  expect(modelFacts(null)).toMatchObject({ flavors: [], inputs: [], params: [], files: [] });
  expect(modelFacts({ signature: { inputs: 'x', params: '{' } })).toMatchObject({ inputs: [], params: [] });
});

it('says how to load it', () => {
  const ways = howToLoad('http://h:1', 'runs:/1/model', facts, pythonText, shellText);
  expect(ways.map(({ title }) => title)).toContain('Python, sklearn');
  expect(ways[0]?.code).toContain('load_model("runs:/1/model")');
  expect(ways[2]?.code).toContain('MLFLOW_TRACKING_URI=http://h:1');
});
