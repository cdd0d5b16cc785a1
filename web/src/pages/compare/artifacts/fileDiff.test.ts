import { expect, test } from 'vitest';
import { diffRows, formatOf, valueRows } from './fileDiff';

test('changed lines stand beside each other', () => {
  expect(diffRows('a\nb\nc\n', 'a\nB\nc\nd\n')).toEqual([
    { kind: 'same', left: { line: 1, text: 'a' }, right: { line: 1, text: 'a' } },
    { kind: 'changed', left: { line: 2, text: 'b' }, right: { line: 2, text: 'B' } },
    { kind: 'same', left: { line: 3, text: 'c' }, right: { line: 3, text: 'c' } },
    { kind: 'changed', left: null, right: { line: 4, text: 'd' } },
  ]);
});

test('long equal parts are folded, and no line is lost', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  const rows = diffRows(lines.join('\n'), lines.with(50, 'other').join('\n')) ?? [];
  expect(rows.map((row) => (row.kind === 'folded' ? row.lines : 1)).reduce((a, b) => a + b)).toBe(100);
  expect(rows[0]).toEqual({ kind: 'folded', lines: 47 });
  expect(rows).toHaveLength(9);
  expect(diffRows('x\n'.repeat(9), 'x\n'.repeat(9))).toEqual([{ kind: 'folded', lines: 9 }]);
});

test('values by their path, whatever their order in the file', () => {
  expect(valueRows('json', '{"b": {"x": [1, {"y": null}]}, "a": "s"}', '{"a": "t", "b": {}}')).toEqual([
    { path: 'a', left: 's', right: 't' },
    { path: 'b', left: null, right: '{}' },
    { path: 'b.x[0]', left: '1', right: null },
    { path: 'b.x[1].y', left: 'null', right: null },
  ]);
  expect(() => valueRows('json', '{', '{}')).toThrow();
});

test('packages by their names', () => {
  expect(valueRows('requirements', '# pip\nnumpy==1.0\nscipy\n', 'scipy>=1\nnumpy==1.0\n')).toEqual([
    { path: 'numpy', left: '==1.0', right: '==1.0' },
    { path: 'scipy', left: '(any)', right: '>=1' },
  ]);
  const conda = 'name: e\ndependencies:\n- python=3.10\n- pip:\n  - mlflow==2\n';
  expect(valueRows('yaml', conda, conda.replace('3.10', '3.12'))).toEqual([
    { path: 'dependencies.pip.mlflow', left: '==2', right: '==2' },
    { path: 'dependencies.python', left: '=3.10', right: '=3.12' },
    { path: 'name', left: 'e', right: 'e' },
  ]);
});

test('what a name says', () => {
  expect(['model/MLmodel', 'a/conda.yaml', 'x.json', 'requirements.txt', 'a.py'].map(formatOf)).toEqual([
    'yaml',
    'yaml',
    'json',
    'requirements',
    null,
  ]);
});
