import { expect, it } from 'vitest';
import { proxiedPath } from './artifacts';

it.each([
  ['mlflow-artifacts:/1/r/artifacts', 'a/b.txt', '1/r/artifacts/a/b.txt'],
  ['mlflow-artifacts://host:5000/1/r/artifacts/', '', '1/r/artifacts'],
  ['mlflow-artifacts:///1/r', 'x', '1/r/x'],
  ['s3://bucket/1', 'x', null],
  ['/data/1', 'x', null],
])('%s %s', (uri, path, expected) => expect(proxiedPath(uri, path)).toBe(expected));
