/** The clauses of a filter in MLflow's grammar. */

import type { Cell, Column } from '../../../api/types';
import { partsOf } from '../../../runs/columns';

/** A key as the grammar has it: quoted where a bare one would not be read. */
export function quotedKey(key: string): string {
  if (/^[A-Za-z_][\w.]*$/.test(key)) return key;
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
