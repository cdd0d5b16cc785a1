import { expect, it } from 'vitest';
import { curlOfRun, pythonOfRun } from './snippets';

it('names the server and the run', () => {
  expect(pythonOfRun('http://h:1', 'r')).toContain('mlflow.set_tracking_uri("http://h:1")');
  expect(curlOfRun('http://h:1', 'r')).toBe("curl -s 'http://h:1/api/2.0/mlflow/runs/get?run_id=r'\n");
});
