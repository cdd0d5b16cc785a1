/** A view that MLflow's pages shared: a tag of the experiment. Source: the shared view state of MLflow 3.17. */

import { runsSchema } from '../runs/runsState';
import { sortColumn, withState } from './legacyHash';

/** The tag of the view that a link names. */
export const sharedViewTag = (key: string) => `mlflow.sharedViewState.${key}`;

const PACKED = 'deflate;';

/** The query of our page for what the tag holds; `null` if that cannot be read. */
export async function legacyViewQuery(tag: string): Promise<string | null> {
  try {
    const text = tag.startsWith(PACKED) ? await unpacked(tag.slice(PACKED.length)) : tag;
    const view: unknown = JSON.parse(text);
    return typeof view === 'object' && view !== null ? mapped(view as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Text as base64 of zlib's form. */
async function unpacked(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).text();
}

/** Filter, time, state and order as in a link; columns and pinned runs beside them. */
function mapped(view: Record<string, unknown>): string {
  const link = new URLSearchParams();
  for (const name of ['searchFilter', 'orderByKey', 'startTime', 'lifecycleFilter']) {
    const value = view[name];
    if (typeof value === 'string') link.set(name, value);
  }
  link.set('orderByAsc', String(view.orderByAsc === true));
  const query = new URLSearchParams(withState('', link).replace(/^\?/, ''));
  const columns = texts(view.selectedColumns).flatMap((key) => columnOf(key) ?? []);
  const set = (name: 'cols' | 'pin' | 'hide', values: readonly string[]) => {
    const printed = values.length ? runsSchema[name].print(values) : null;
    if (printed !== null) query.set(name, printed);
  };
  set('cols', [...new Set(columns)]);
  set('pin', texts(view.runsPinned));
  set('hide', texts(view.runsHidden));
  return query.toString();
}

/** The names of its columns that are no keys. */
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['Created', 'attribute.start_time'],
  ['start_time', 'attribute.start_time'],
  ['Duration', 'attribute.duration'],
  ['User', 'attribute.user_id'],
  ['Source', 'source'],
  ['Dataset', 'datasets'],
  ['Models', 'models'],
  ['Experiment Name', 'attribute.experiment_id'],
]);

function columnOf(key: string): string | null {
  const attribute = /^attributes\.[`"]?(.+?)[`"]?$/s.exec(key)?.[1];
  return attribute === undefined ? sortColumn(key) : (ATTRIBUTES.get(attribute) ?? null);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
