/** Two files side by side: as lines, or as the values that they hold. */

import { diffLines } from 'diff';
import { parseYaml } from '../../../artifacts/yaml';
import { natural } from '../../../charts/runData';

export interface Side {
  /** The number of the line, from 1. */
  line: number;
  text: string;
}

export type LineRow =
  { kind: 'same' | 'changed'; left: Side | null; right: Side | null } | { kind: 'folded'; lines: number };

/** So many equal lines are kept around a change. */
const CONTEXT = 3;

/** Lines beside each other; long equal parts are folded. `null`: too different to be worth the time. */
export function diffRows(left: string, right: string): LineRow[] | null {
  const parts = diffLines(left, right, { timeout: 3_000 });
  if (!parts) return null;
  const rows: LineRow[] = [];
  let [a, b] = [1, 1];
  let removed: string[] = [];
  const flush = (added: string[]) => {
    for (let i = 0; i < Math.max(removed.length, added.length); i += 1) {
      const [from, to] = [removed[i], added[i]];
      rows.push({
        kind: 'changed',
        left: from === undefined ? null : { line: a++, text: from },
        right: to === undefined ? null : { line: b++, text: to },
      });
    }
    removed = [];
  };
  for (const part of parts) {
    const lines = linesOf(part.value);
    if (part.removed) {
      flush([]);
      removed = lines;
    } else if (part.added) flush(lines);
    else {
      flush([]);
      for (const text of lines)
        rows.push({ kind: 'same', left: { line: a++, text }, right: { line: b++, text } });
    }
  }
  flush([]);
  return folded(rows);
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/\r$/, ''));
}

function folded(rows: readonly LineRow[]): LineRow[] {
  const near = new Uint8Array(rows.length);
  rows.forEach((row, i) => {
    if (row.kind === 'changed') near.fill(1, Math.max(0, i - CONTEXT), i + CONTEXT + 1);
  });
  const found: LineRow[] = [];
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as LineRow;
    const last = found.at(-1);
    if (near[i]) found.push(row);
    else if (last?.kind === 'folded') last.lines += 1;
    else found.push({ kind: 'folded', lines: 1 });
  }
  return found;
}

export interface ValueRow {
  /** `model.layers[0].size`. */
  path: string;
  left: string | null;
  right: string | null;
}

export type ValueFormat = 'json' | 'yaml' | 'requirements';

/** What a file's name says about it; `null`: only lines. */
export function formatOf(path: string): ValueFormat | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (name.endsWith('.json')) return 'json';
  if (/\.ya?ml$/.test(name) || name === 'mlmodel') return 'yaml';
  return /^(requirements|constraints).*\.txt$/.test(name) ? 'requirements' : null;
}

/** Every value of either file. Throws what the parser says. */
export function valueRows(format: ValueFormat, left: string, right: string): ValueRow[] {
  const [a, b] = [valuesOf(format, left), valuesOf(format, right)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .sort(natural)
    .map((path) => ({ path, left: a.get(path) ?? null, right: b.get(path) ?? null }));
}

function valuesOf(format: ValueFormat, text: string): Map<string, string> {
  const found = new Map<string, string>();
  const value: unknown =
    format === 'json'
      ? JSON.parse(text)
      : format === 'yaml'
        ? parseYaml(text)
        : linesOf(text).map((line) => line.trim());
  flatten(value, '', found);
  return found;
}

function flatten(value: unknown, path: string, found: Map<string, string>) {
  if (Array.isArray(value)) {
    // A list of packages is compared by their names, not by their places.
    const packages = value.map((one) => (typeof one === 'string' ? packageOf(one) : null));
    const isPackages =
      value.length > 0 && value.every((one, i) => packages[i] || isComment(one) || isNested(one));
    value.forEach((one, i) => {
      const known = isPackages ? packages[i] : null;
      if (known) found.set(path ? `${path}.${known.name}` : known.name, known.version);
      else if (isPackages && isNested(one)) flatten(one, path, found);
      else if (!isPackages) flatten(one, `${path}[${i}]`, found);
    });
    if (value.length === 0) found.set(path, '[]');
  } else if (isNested(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) found.set(path, '{}');
    for (const [key, one] of entries) flatten(one, path ? `${path}.${key}` : key, found);
  } else
    found.set(path || '(value)', typeof value === 'string' ? value : String(JSON.stringify(value) ?? value));
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function isComment(value: unknown): boolean {
  return value === '' || (typeof value === 'string' && value.startsWith('#'));
}

const PACKAGE = /^([A-Za-z0-9][\w.-]*(?:\[[\w,.-]+\])?)\s*((?:===?|>=|<=|~=|!=|<|>|=|@)\s*\S.*)?$/;

/** `numpy==1.26` is a package with a version. */
function packageOf(text: string): { name: string; version: string } | null {
  const match = PACKAGE.exec(text);
  return match?.[1] ? { name: match[1], version: match[2]?.trim() ?? '(any)' } : null;
}
