/** What a dataset input says about itself: JSON in texts, of several shapes. */

import { asRecord, parsedJson } from '../../../format/schema';

/** Numbers and texts of a profile, such as `num_rows`. */
export function profileEntries(profile: string | undefined): [string, string][] {
  const parsed = asRecord(parsedJson(profile));
  if (!parsed) return [];
  return Object.entries(parsed).map(([key, value]) => [
    key.replace(/_/g, ' '),
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

/** Where it is from: the address inside of the JSON, or the text itself. */
export function sourceText(source: string): string {
  const parsed = asRecord(parsedJson(source));
  if (!parsed) return source;
  for (const key of ['uri', 'url', 'path', 'table_name', 'delta_table_name']) {
    const value = parsed[key];
    if (typeof value === 'string') return value;
  }
  return '';
}
