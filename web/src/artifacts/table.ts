/** Data as a table: types of columns, order, and what is in a column. */

export interface TableColumn {
  name: string;
  /** `integer`, `number`, `boolean`, `time`, `text`, or what the file says. */
  type: string;
  isNumeric: boolean;
}

export interface TableData {
  columns: readonly TableColumn[];
  rowCount: number;
  cell: (row: number, column: number) => unknown;
}

/** The types of columns of texts, by all of their values. */
export function typedColumns(names: readonly string[], rows: readonly (readonly string[])[]): TableColumn[] {
  return names.map((name, i) => {
    const type = typeOf(rows, i);
    return { name, type, isNumeric: type === 'integer' || type === 'number' };
  });
}

const MISSING = new Set(['', 'na', 'nan', 'null', 'none', 'n/a']);
const TESTS: readonly [string, (text: string) => boolean][] = [
  ['integer', (text) => /^[+-]?\d+$/.test(text)],
  [
    'number',
    (text) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || /^[+-]?inf(inity)?$/i.test(text),
  ],
  ['boolean', (text) => /^(true|false)$/i.test(text)],
  ['time', (text) => /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/.test(text)],
];

function typeOf(rows: readonly (readonly string[])[], column: number): string {
  let left = TESTS;
  let hasValue = false;
  for (const row of rows) {
    const text = (row[column] ?? '').trim();
    if (MISSING.has(text.toLowerCase())) continue;
    hasValue = true;
    left = left.filter(([, test]) => test(text));
    if (left.length === 0) return 'text';
  }
  return hasValue ? (left[0]?.[0] ?? 'text') : 'text';
}

/** A value as the text of a cell. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : timeText(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object') {
    return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
  }
  return String(value);
}

/** Without the parts that are nought. */
const timeText = (time: Date) =>
  time
    .toISOString()
    .replace(/T00:00:00\.000Z$/, '')
    .replace(/(\.000)?Z$/, '')
    .replace('T', ' ');

/** The number that a value is, `null` if it is none or missing. */
export function cellNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string' || value.trim() === '') return null;
  const plain = value.trim().replace(/^([+-]?)inf(inity)?$/i, '$1Infinity');
  const found = Number(plain);
  return Number.isNaN(found) ? null : found;
}

export interface TableOrder {
  column: number;
  isDescending: boolean;
}

const compare = new Intl.Collator('en', { numeric: true }).compare;

/** The rows that have all words somewhere, in order; those without a value come last either way. */
export function orderedRows(data: TableData, words: string, order: TableOrder | null): Uint32Array {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: number[] = [];
  for (let row = 0; row < data.rowCount; row += 1) {
    if (wanted.length) {
      let text = '';
      for (let i = 0; i < data.columns.length; i += 1) text += `${cellText(data.cell(row, i))}\u0000`;
      text = text.toLowerCase();
      if (!wanted.every((word) => text.includes(word))) continue;
    }
    rows.push(row);
  }
  if (order) {
    const { column, isDescending } = order;
    const sign = isDescending ? -1 : 1;
    if (data.columns[column]?.isNumeric) {
      const keys = new Map(rows.map((row) => [row, cellNumber(data.cell(row, column))]));
      rows.sort((a, b) => {
        const [x, y] = [keys.get(a) ?? null, keys.get(b) ?? null];
        const [noX, noY] = [x === null || Number.isNaN(x), y === null || Number.isNaN(y)];
        if (noX || noY) return Number(noX) - Number(noY) || a - b;
        return sign * ((x ?? 0) < (y ?? 0) ? -1 : (x ?? 0) > (y ?? 0) ? 1 : 0) || a - b;
      });
    } else {
      const keys = new Map(rows.map((row) => [row, cellText(data.cell(row, column)).slice(0, 200)]));
      rows.sort((a, b) => {
        const [x, y] = [keys.get(a) ?? '', keys.get(b) ?? ''];
        if (!x || !y) return Number(!x) - Number(!y) || a - b;
        return sign * compare(x, y) || a - b;
      });
    }
  }
  return Uint32Array.from(rows);
}

export interface ColumnSummary {
  missing: number;
  /** Of numbers. */
  numbers: { min: number; max: number; mean: number } | null;
  /** How many different values; `null` when there are more than were counted. */
  distinct: number | null;
  /** The most frequent. */
  top: { text: string; count: number } | null;
}

const MOST_DISTINCT = 10_000;

/** What is in a column, over all of the rows given. */
export function columnSummary(data: TableData, rows: Uint32Array, column: number): ColumnSummary {
  const isNumeric = data.columns[column]?.isNumeric ?? false;
  const counts = new Map<string, number>();
  let missing = 0;
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (const row of rows) {
    const value = data.cell(row, column);
    const text = cellText(value);
    const number = isNumeric ? cellNumber(value) : null;
    if (text === '' || (isNumeric && (number === null || Number.isNaN(number)))) {
      missing += 1;
      continue;
    }
    if (number !== null) {
      count += 1;
      sum += number;
      if (number < min) min = number;
      if (number > max) max = number;
    }
    if (counts.size <= MOST_DISTINCT) {
      const key = text.slice(0, 200);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  let top: ColumnSummary['top'] = null;
  for (const [text, n] of counts) if (n > (top?.count ?? 1)) top = { text, count: n };
  return {
    missing,
    numbers: count ? { min, max, mean: sum / count } : null,
    distinct: counts.size > MOST_DISTINCT ? null : counts.size,
    top,
  };
}
