import { expect, it } from 'vitest';
import { folderAddress, proxiedPath, tooLarge } from './artifacts';

it.each([
  ['mlflow-artifacts:/1/r/artifacts', 'a/b.txt', '1/r/artifacts/a/b.txt'],
  ['mlflow-artifacts://host:5000/1/r/artifacts/', '', '1/r/artifacts'],
  ['mlflow-artifacts:///1/r', 'x', '1/r/x'],
  ['mlflow-artifacts:1/r', 'x', '1/r/x'],
  ['MLFLOW-ARTIFACTS:/1/r', 'x', '1/r/x'],
  // A stored URI is encoded, the path of a file is not.
  ['mlflow-artifacts:/a%20b/100%25?y=1#z', '50%25.txt', 'a b/100%/50%25.txt'],
  ['mlflow-artifacts://host?y=1', 'x', 'x'],
  // What the server refuses to read.
  ['mlflow-artifacts:/a/%ff', 'x', null],
  ['mlflow-artifacts:/a/%2e%2e/b', 'x', null],
  ['mlflow-artifacts:/a/../b', 'x', null],
  ['s3://bucket/1', 'x', null],
  ['/data/1', 'x', null],
])('%s %s', (uri, path, expected) => expect(proxiedPath(uri, path)).toBe(expected));

it('encodes each segment once', () =>
  expect(folderAddress('mlflow-artifacts:/a%20b/r', 'c#d/50%')).toMatch(
    /\/api\/2\.0\/mlflow-artifacts\/artifacts\/a%20b\/r\/c%23d\/50%25\/$/,
  ));

it('says why a file is too large, and what to do', () => {
  const said = tooLarge(12 * 1024 * 1024, 's3://bucket/1/r/artifacts');
  for (const part of ['12 MiB', 's3://bucket/1/r/artifacts', '10 MiB at most', 'mlflow.log_artifact'])
    expect(said).toContain(part);
});
