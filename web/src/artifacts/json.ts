/** JSON as a tree of rows, and the tables that MLflow writes as JSON. */

import type { TableData } from './table';

/** The value of a text; Python's `NaN` and `Infinity` too, as texts. Throws what `JSON.parse` throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const lenient = text.replace(
      /"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)\b/g,
      (whole, special: string | undefined) => (special ? `"${special}"` : whole),
    );
    if (lenient === text) throw error;
    return JSON.parse(lenient);
  }
}

export interface JsonRow {
  /** `$.a[0]["b c"]`: also what is copied. */
  path: string;
  label: string;
  depth: number;
  value: unknown;
  /** How many members; `null` for a value. */
  size: number | null;
  isOpen: boolean;
  isFound: boolean;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** More members than this are cut into ranges, so that opening a list of a million opens no million rows. */
export const CHUNK = 1000;

const step = (key: string) => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

/** The rows of a value in sight. Not recursive: a file may be nested deeper than the stack. */
export function jsonRows(
  root: unknown,
  isOpen: (path: string, depth: number) => boolean,
  words = '',
): JsonRow[] {
  const wanted = words.trim().toLowerCase();
  const found = wanted ? matchingPaths(root, wanted) : null;
  const rows: JsonRow[] = [];
  interface Pending {
    path: string;
    label: string;
    depth: number;
    value: unknown;
    range?: [number, number];
  }
  const stack: Pending[] = [{ path: '$', label: '', depth: 0, value: root }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { path, label, depth, value, range } = next;
    if (found && !range && !found.shown.has(path)) continue;
    const entries = isContainer(value) ? membersOf(value, range) : null;
    const size = entries ? entries.length : null;
    const open = entries !== null && (found ? true : isOpen(path, depth));
    rows.push({ path, label, depth, value, size, isOpen: open, isFound: found?.matching.has(path) ?? false });
    if (!entries || !open || !isContainer(value)) continue;
    const isList = Array.isArray(value);
    const base = range ? path.slice(0, path.lastIndexOf('[')) : path;
    if (entries.length > CHUNK && !found) {
      for (let at = Math.floor((entries.length - 1) / CHUNK) * CHUNK; at >= 0; at -= CHUNK) {
        const end = Math.min(at + CHUNK, entries.length);
        const name = `[${at}–${end - 1}]`;
        stack.push({ path: `${path}${name}`, label: name, depth: depth + 1, value, range: [at, end] });
      }
      continue;
    }
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const key = entries[i] ?? '';
      stack.push({
        path: isList ? `${base}[${key}]` : base + step(key),
        label: key,
        depth: depth + 1,
        value: (value as Record<string, unknown>)[key],
      });
    }
  }
  return rows;
}

function membersOf(value: object, range: [number, number] | undefined): string[] {
  const keys = Object.keys(value);
  return range ? keys.slice(...range) : keys;
}

const MOST_FOUND = 2000;

/** The paths whose key or value has the words, and all above them. */
function matchingPaths(root: unknown, wanted: string) {
  const matching = new Set<string>();
  const shown = new Set<string>(['$']);
  const stack: { path: string; value: unknown; above: Above | null }[] = [
    { path: '$', value: root, above: null },
  ];
  for (let next = stack.pop(); next && matching.size < MOST_FOUND; next = stack.pop()) {
    const { path, value, above } = next;
    if (!isContainer(value)) continue;
    const here: Above = { path, above };
    const isList = Array.isArray(value);
    for (const [key, child] of Object.entries(value)) {
      const childPath = isList ? `${path}[${key}]` : path + step(key);
      const isMatch =
        (!isList && key.toLowerCase().includes(wanted)) ||
        (!isContainer(child) && String(child).toLowerCase().includes(wanted));
      if (isMatch && matching.size < MOST_FOUND) {
        matching.add(childPath);
        shown.add(childPath);
        for (let one: Above | null = here; one && !shown.has(one.path); one = one.above) shown.add(one.path);
      }
      stack.push({ path: childPath, value: child, above: here });
    }
  }
  return { matching, shown };
}

interface Above {
  path: string;
  above: Above | null;
}

/** A table of `log_table`, or of pandas with `orient="split"`; `null` if it is something else. */
export function splitTable(value: unknown): TableData | null {
  if (!isContainer(value) || Array.isArray(value)) return null;
  const { columns, data } = value as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return null;
  return tableOf(columns.map(String), (row, column) => (data[row] as unknown[])[column], data.length);
}

/** A list of objects as a table, as of `orient="records"`. */
export function recordsTable(value: unknown): TableData | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  if (!value.every((one) => isContainer(one) && !Array.isArray(one))) return null;
  const names = new Set<string>();
  for (const one of value) for (const key of Object.keys(one as object)) names.add(key);
  const columns = [...names];
  return tableOf(
    columns,
    (row, i) => (value[row] as Record<string, unknown>)[columns[i] ?? ''],
    value.length,
  );
}

function tableOf(names: readonly string[], cell: TableData['cell'], rowCount: number): TableData {
  const columns = names.map((name, column) => {
    const types = new Set<string>();
    for (let row = 0; row < Math.min(rowCount, 10_000); row += 1) {
      const value = cell(row, column);
      if (value === null || value === undefined) continue;
      types.add(isContainer(value) ? 'object' : typeof value);
    }
    const [only] = types;
    const type = types.size > 1 ? 'mixed' : only === 'string' || !only ? 'text' : only;
    return { name, type, isNumeric: type === 'number' };
  });
  return { columns, rowCount, cell };
}
