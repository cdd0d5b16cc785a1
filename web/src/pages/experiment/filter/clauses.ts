/** The clauses of a filter in MLflow's grammar, and the words that stand before them. */

import type { Cell, Column } from '../../../api/types';
import { partsOf } from '../../../runs/columns';
import { type Token, tokensOf } from './tokens';

export interface Clause {
  text: string;
  start: number;
  end: number;
  tokens: readonly Token[];
}

/** What stands between the ANDs. */
export function clausesOf(text: string): Clause[] {
  const parts: Token[][] = [[]];
  for (const token of tokensOf(text)) {
    if (token.kind === 'and') parts.push([]);
    else parts[parts.length - 1]?.push(token);
  }
  return parts.flatMap((tokens) => {
    const [first] = tokens;
    const last = tokens[tokens.length - 1];
    if (!first || !last) return [];
    return [{ text: text.slice(first.start, last.end), start: first.start, end: last.end, tokens }];
  });
}

/** The filter without one of its clauses. */
export function without(text: string, index: number): string {
  return clausesOf(text)
    .filter((_, i) => i !== index)
    .map((clause) => clause.text)
    .join(' AND ');
}

/** The filter with one more clause. */
export function withClause(text: string, clause: string): string {
  return text.trim() ? `${text.trim()} AND ${clause}` : clause;
}

export interface ParsedFilter {
  q: string;
  search: string;
  /** Where `q` begins in what was typed. */
  offset: number;
}

/** Words without an operator search in names; the filter begins where the first name with an operator does. */
export function parseFilter(text: string): ParsedFilter {
  const tokens = tokensOf(text);
  const operator = tokens.findIndex(({ kind }) => kind === 'operator');
  if (operator < 0) return { q: '', search: text.trim(), offset: text.length };
  const begin = tokens[Math.max(0, operator - 1)]?.start ?? 0;
  const q = text.slice(begin).trimEnd();
  const search = text.slice(0, begin).trim();
  // Another clause before it that is only words: its AND belongs to neither.
  return { q, search: search.replace(/\s*\bAND$/i, '').trim(), offset: begin };
}

/** What is in the field for a state. */
export function printFilter({ q, search }: { q: string; search: string }): string {
  return [search, q].filter(Boolean).join(' ');
}

/** A key as the grammar has it: quoted where a bare one would not be read. */
export function quotedKey(key: string): string {
  if (/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(key)) return key;
  return key.includes('`') ? `"${key}"` : `\`${key}\``;
}

/** A text as a value. */
export function quotedText(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/** The clause that a column has a value; `null` where the grammar cannot say it. */
export function equals(column: Column, value: Cell | undefined): string | null {
  if (value === null || value === undefined || Array.isArray(value)) return null;
  const { kind, key } = partsOf(column);
  const text = String(value);
  if (text.includes("'") && text.includes('"')) return null;
  switch (kind) {
    case 'metric':
      return typeof value === 'number' ? `metrics.${quotedKey(key)} = ${value}` : null;
    case 'param':
      return `params.${quotedKey(key)} = ${quotedText(text)}`;
    case 'tag':
      return `tags.${quotedKey(key)} = ${quotedText(text)}`;
    case 'attribute':
      if (['start_time', 'end_time'].includes(key)) return `attributes.${key} = ${text}`;
      return ['run_id', 'run_name', 'status', 'user_id', 'artifact_uri'].includes(key)
        ? `attributes.${key} = ${quotedText(text)}`
        : null;
    default:
      return null;
  }
}
