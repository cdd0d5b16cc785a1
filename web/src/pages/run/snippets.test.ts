import { expect, it } from 'vitest';
import { curlOfRun, pythonOfRun, pythonText, shellText } from './snippets';

it('quotes for Python and for a shell', () => {
  expect(pythonText('a"b\\')).toBe('"a\\"b\\\\"');
  expect(shellText("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  expect(shellText('plain-1.txt')).toBe('plain-1.txt');
});

it('names the server and the run', () => {
  expect(pythonOfRun('http://h:1', 'r')).toContain('mlflow.set_tracking_uri("http://h:1")');
  expect(curlOfRun('http://h:1', 'r')).toBe("curl -s 'http://h:1/api/2.0/mlflow/runs/get?run_id=r'\n");
});
