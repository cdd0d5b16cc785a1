/** What can come next where the reader types: a key, an operator, a value, or AND. Pure. */

import type { Column, RunsKeys } from '../../../api/types';
import { quotedKey, quotedText } from './clauses';
import { type Token, tokensOf } from './tokens';

export interface Expectation {
  expects: 'key' | 'operator' | 'value' | 'join';
  /** What a choice replaces. */
  from: number;
  to: number;
  /** What is typed of it so far. */
  typed: string;
  /** The key of the clause, as typed. */
  name: string;
  operator: string;
  isInList: boolean;
}

export interface Suggestion {
  label: string;
  /** What is put into the text. */
  insert: string;
  /** What it is, or how many runs have it. */
  detail: string;
}

const MOST = 60;

/** What is expected at the caret. */
export function expectationAt(text: string, caret: number): Expectation {
  const tokens = tokensOf(text);
  const touched = tokens.find(({ start, end }) => start < caret && caret <= end);
  // A closed value or an operator before the caret is done; a name may go on.
  const isPart = touched !== undefined && isUnfinished(touched, caret);
  const before = tokens.filter((token) => token.end <= (isPart ? touched.start : caret));
  const clause = before.slice(before.findLastIndex(({ kind }) => kind === 'and') + 1);
  const operatorAt = clause.findIndex(({ kind }) => kind === 'operator');
  const name = clause[operatorAt < 0 ? clause.length - 1 : operatorAt - 1];
  const operator = clause
    .filter(({ kind }) => kind === 'operator')
    .map((token) => token.text.toUpperCase())
    .join(' ');
  const after = operatorAt < 0 ? [] : clause.slice(operatorAt).filter(({ kind }) => kind !== 'operator');
  const isInList = after.some(({ kind }) => kind === 'open') && !after.some(({ kind }) => kind === 'close');
  const last = clause[clause.length - 1];
  const expects = !last
    ? 'key'
    : operatorAt < 0
      ? last.kind === 'name'
        ? 'operator'
        : 'key'
      : isInList
        ? last.kind === 'value'
          ? 'join'
          : 'value'
        : after.length
          ? 'join'
          : 'value';
  return {
    expects,
    from: isPart ? touched.start : caret,
    to: isPart ? touched.end : caret,
    typed: isPart ? text.slice(touched.start, caret) : '',
    name: name?.kind === 'name' ? name.text : '',
    operator,
    isInList,
  };
}

function isUnfinished(token: Token, caret: number): boolean {
  if (caret < token.end) return token.kind !== 'and';
  if (token.kind === 'name' || token.kind === 'other' || token.kind === 'and') return true;
  if (token.kind === 'value') return !/^(['"`]).*\1$/.test(token.text) && /^['"`]/.test(token.text);
  return token.kind === 'operator' && /^[A-Za-z]/.test(token.text);
}

const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^metrics?$/, 'metric'],
  [/^(?:params?|parameters?)$/, 'param'],
  [/^tags?$/, 'tag'],
  [/^(?:attributes?|attr|run)$/, 'attribute'],
];

/** The column that a name in a filter means; `null` for those that are none, as of datasets. */
export function columnNamed(name: string): Column | null {
  const dot = name.indexOf('.');
  if (dot < 0) return name ? `attribute.${name}` : null;
  const kind = PREFIXES.find(([pattern]) => pattern.test(name.slice(0, dot)))?.[1];
  const key = name.slice(dot + 1).replace(/^(["`])(.*?)\1?$/, '$2');
  return kind && key ? `${kind}.${key}` : null;
}

const ATTRIBUTES = ['run_name', 'status', 'start_time', 'end_time', 'user_id', 'run_id', 'artifact_uri'];
const DATASET_NAMES = ['datasets.name', 'datasets.digest', 'datasets.context'];
const NUMBERS = ['<', '<=', '>', '>=', '=', '!='];
const TEXTS = ['=', '!=', 'LIKE', 'ILIKE'];
const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

export function operatorsOf(name: string): readonly string[] {
  const column = columnNamed(name) ?? '';
  if (column.startsWith('metric.') || /^attribute\.(?:start|end)_time$/.test(column)) return NUMBERS;
  if (column.startsWith('param.') || column.startsWith('tag.')) return [...TEXTS, 'IS NULL', 'IS NOT NULL'];
  if (column === 'attribute.run_id' || name.startsWith('dataset')) return [...TEXTS, 'IN', 'NOT IN'];
  return TEXTS;
}

export interface Known {
  keys: RunsKeys | undefined;
  /** Values of the column that the clause is about. */
  values: readonly { value: string; runs: number }[];
}

/** What can be chosen. */
export function suggestions(at: Expectation, { keys, values }: Known): Suggestion[] {
  switch (at.expects) {
    case 'key':
      return matchingKeys(at.typed, keys);
    case 'operator':
      return startingWith(at.typed, operatorsOf(at.name)).map((text) => ({
        label: text,
        insert: text === 'IN' || text === 'NOT IN' ? `${text} (` : text,
        detail: OPERATOR_NOTES[text] ?? '',
      }));
    case 'value':
      return matchingValues(at, keys, values);
    case 'join':
      return startingWith(at.typed, at.isInList ? [',', ')'] : ['AND']).map((text) => ({
        label: text,
        insert: text,
        detail: text === 'AND' ? 'another condition' : '',
      }));
  }
}

const OPERATOR_NOTES: Record<string, string> = {
  LIKE: '% stands for any text',
  ILIKE: 'as LIKE, in any letter case',
  'IS NULL': 'the run has none',
  'IS NOT NULL': 'the run has one',
};

function matchingKeys(typed: string, keys: RunsKeys | undefined): Suggestion[] {
  const needle = typed.replace(/[`"]/g, '').toLowerCase();
  const runs = (count: number | null) => (count === null ? '' : `${count.toLocaleString('en-US')} runs`);
  const all = [
    ...ATTRIBUTES.map((key) => ({ prefix: 'attributes', key, detail: 'attribute' })),
    ...(keys?.metrics ?? []).map((one) => ({ prefix: 'metrics', key: one.key, detail: runs(one.runs) })),
    ...(keys?.params ?? []).map((one) => ({ prefix: 'params', key: one.key, detail: runs(one.runs) })),
    ...(keys?.tags ?? []).map((one) => ({ prefix: 'tags', key: one.key, detail: runs(one.runs) })),
    ...(keys?.datasets.length ? DATASET_NAMES : []).map((name) => ({
      prefix: 'datasets',
      key: name.slice(name.indexOf('.') + 1),
      detail: 'dataset',
    })),
  ];
  const ranked: { rank: number; suggestion: Suggestion }[] = [];
  for (const { prefix, key, detail } of all) {
    const full = `${prefix}.${key}`.toLowerCase();
    const lower = key.toLowerCase();
    const rank = full.startsWith(needle) ? 0 : lower.startsWith(needle) ? 1 : lower.includes(needle) ? 2 : -1;
    if (rank < 0) continue;
    const name = `${prefix}.${quotedKey(key)}`;
    ranked.push({ rank, suggestion: { label: `${prefix}.${key}`, insert: name, detail } });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ suggestion }) => suggestion);
}

function matchingValues(at: Expectation, keys: RunsKeys | undefined, values: Known['values']): Suggestion[] {
  const typed = at.typed.replace(/^['"`]/, '').toLowerCase();
  const quoted = (text: string, detail: string) => ({ label: text, insert: quotedText(text), detail });
  const column = columnNamed(at.name);
  const texts =
    column === 'attribute.status'
      ? STATUSES.map((status) => quoted(status, ''))
      : at.name.startsWith('dataset')
        ? datasetValues(at.name, keys).map((text) => quoted(text, ''))
        : values.map(({ value, runs }) => quoted(value, `${runs.toLocaleString('en-US')} runs`));
  return texts.filter(({ label }) => label.toLowerCase().includes(typed)).slice(0, MOST);
}

function datasetValues(name: string, keys: RunsKeys | undefined): string[] {
  if (name.endsWith('.context')) return ['train', 'training', 'eval', 'test', 'validation'];
  const field = name.endsWith('.digest') ? 'digest' : 'name';
  return [...new Set((keys?.datasets ?? []).map((dataset) => dataset[field]))];
}

function startingWith(typed: string, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => text.toLowerCase().startsWith(typed.toLowerCase()));
}

/** The text with a choice in it, and where the caret goes: behind a space, ready for what comes next. */
export function accept(
  text: string,
  at: Pick<Expectation, 'from' | 'to'>,
  insert: string,
): { text: string; caret: number } {
  const rest = text.slice(at.to);
  const space = insert.endsWith('(') ? '' : ' ';
  const before = text.slice(0, at.from);
  const glue = before && !/[\s(]$/.test(before) && insert !== ',' && insert !== ')' ? ' ' : '';
  const head = before + glue + insert + space;
  return { text: head + rest.replace(/^\s+/, ''), caret: head.length };
}
