import { describe, expect, it } from 'vitest';
import { CHUNK, jsonRows, parseJson, recordsTable, splitTable } from './json';

describe('parseJson', () => {
  it('takes what Python writes', () => {
    expect(parseJson('{"a": NaN, "b": [-Infinity, "NaN \\" Infinity"]}')).toEqual({
      a: 'NaN',
      b: ['-Infinity', 'NaN " Infinity'],
    });
    expect(() => parseJson('{')).toThrow();
  });
});

describe('jsonRows', () => {
  const value = { a: { 'b c': [1, 'x'] }, d: null };

  it('shows what is open, with paths', () => {
    expect(jsonRows(value, (_, depth) => depth < 3).map(({ path }) => path)).toEqual([
      '$',
      '$.a',
      '$.a["b c"]',
      '$.a["b c"][0]',
      '$.a["b c"][1]',
      '$.d',
    ]);
    expect(jsonRows(value, () => false).map(({ path, size }) => [path, size])).toEqual([['$', 2]]);
  });

  it('finds keys and values, and shows the way to them', () => {
    const rows = jsonRows(value, () => false, 'X');
    expect(rows.map(({ path, isFound }) => [path, isFound])).toEqual([
      ['$', false],
      ['$.a', false],
      ['$.a["b c"]', false],
      ['$.a["b c"][1]', true],
    ]);
  });

  it('cuts long lists into ranges', () => {
    const long = Array.from({ length: CHUNK + 1 }, (_, i) => i);
    const rows = jsonRows(long, (path) => path === '$' || path === `$[${CHUNK}–${CHUNK}]`);
    expect(rows.map(({ path }) => path)).toEqual([
      '$',
      `$[0–${CHUNK - 1}]`,
      `$[${CHUNK}–${CHUNK}]`,
      `$[${CHUNK}]`,
    ]);
  });

  it('goes as deep as the file', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i += 1) deep = [deep];
    expect(jsonRows(deep, (_, depth) => depth < 15_000)).toHaveLength(15_001);
  });
});

describe('tables', () => {
  it('knows those of log_table', () => {
    const table = splitTable({
      columns: ['a', 'b'],
      data: [
        [1, 'x'],
        [null, 'y'],
      ],
    });
    expect(table?.columns).toEqual([
      { name: 'a', type: 'number', isNumeric: true },
      { name: 'b', type: 'text', isNumeric: false },
    ]);
    expect(table?.cell(1, 1)).toBe('y');
    expect(splitTable({ columns: ['a'], data: [1] })).toBeNull();
    expect(splitTable([1])).toBeNull();
  });

  it('knows lists of objects', () => {
    expect(recordsTable([{ a: 1 }, { b: 2 }])?.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(recordsTable([])).toBeNull();
    expect(recordsTable([1])).toBeNull();
  });
});
