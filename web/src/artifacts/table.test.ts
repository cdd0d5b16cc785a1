import { describe, expect, it } from 'vitest';
import { cellText, columnSummary, orderedRows, type TableData, typedColumns } from './table';

const rows = [
  ['10', 'b', '2024-01-01', 'true', '1.5'],
  ['9', 'a', '2024-01-02 10:00', 'False', 'nan'],
  ['', '', '', '', '-inf'],
];
const data: TableData = {
  columns: typedColumns(['n', 't', 'd', 'b', 'f'], rows),
  rowCount: rows.length,
  cell: (row, column) => rows[row]?.[column],
};
const all = Uint32Array.from([0, 1, 2]);

it('finds the types of columns', () => {
  expect(data.columns.map(({ type }) => type)).toEqual(['integer', 'text', 'time', 'boolean', 'number']);
});

describe('orderedRows', () => {
  it('sorts numbers as numbers, what is missing last', () => {
    expect([...orderedRows(data, '', { column: 0, isDescending: false })]).toEqual([1, 0, 2]);
    expect([...orderedRows(data, '', { column: 0, isDescending: true })]).toEqual([0, 1, 2]);
    expect([...orderedRows(data, '', { column: 1, isDescending: false })]).toEqual([1, 0, 2]);
    expect([...orderedRows(data, '', { column: 4, isDescending: false })]).toEqual([2, 0, 1]);
  });

  it('finds rows by words', () => {
    expect([...orderedRows(data, 'FALSE 10', null)]).toEqual([1]);
    expect([...orderedRows(data, 'x', null)]).toEqual([]);
  });
});

it('sums a column up', () => {
  expect(columnSummary(data, all, 0)).toEqual({
    missing: 1,
    numbers: { min: 9, max: 10, mean: 9.5 },
    distinct: 2,
    top: null,
  });
  expect(columnSummary(data, all, 1)).toMatchObject({ missing: 1, numbers: null, distinct: 2 });
});

it('writes values of all kinds', () => {
  expect(cellText(new Date('2026-01-02T03:04:05Z'))).toBe('2026-01-02 03:04:05');
  expect(cellText(new Date('2026-01-02'))).toBe('2026-01-02');
  expect(cellText({ a: 1n })).toBe('{"a":"1"}');
  expect(cellText(null)).toBe('');
  expect(cellText(new Date(NaN))).toBe('');
});
