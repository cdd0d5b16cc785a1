/**
 * What a refused call would have needed, for the reader: the server answers a 403 alike for all. The levels are those of
 * MLflow's `basic-auth` app (`mlflow.server.auth`, 3.17): deleting and granting need MANAGE, other changes EDIT.
 */

export interface Denied {
  /** `ADMIN`: no permission helps, only an administrator may. */
  needed: 'READ' | 'EDIT' | 'MANAGE' | 'ADMIN';
  /** What it concerns: `experiment 3`. `null` if the call does not say. */
  on: string | null;
}

/** Calls of POST that change nothing. */
const ASKING = /\/(search|table|groups|keys|series|stats|export|values|get-history[^/]*)$/;
const OF_ADMINS =
  /\/[23]\.0\/mlflow\/(users\/(list|create|update-admin|delete|permissions\/list)|roles\/.*)$|\/oxflow\/v1\/audit$/;
const MANAGING = /\/(delete|restore|purge|users\/permissions\/(grant|revoke))$/;

/** What the call with this method, address and body needs. */
export function deniedBy(method: string, address: URL, body: unknown): Denied {
  const path = address.pathname;
  const fields = {
    ...Object.fromEntries(address.searchParams),
    ...(typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}),
  };
  if (OF_ADMINS.test(path)) return { needed: 'ADMIN', on: null };
  return { needed: neededBy(method, path, fields), on: concerned(path, fields) };
}

function neededBy(method: string, path: string, { operation }: Record<string, unknown>): Denied['needed'] {
  if (method === 'GET' || (method === 'POST' && ASKING.test(path))) return 'READ';
  if ((method === 'POST' && MANAGING.test(path)) || operation === 'delete' || operation === 'restore')
    return 'MANAGE';
  // Files of a run, and the registry, whose deletions are calls of DELETE.
  if (method === 'DELETE' && /\/(artifacts\/.*|registered-models\/delete|model-versions\/delete)$/.test(path))
    return 'MANAGE';
  return 'EDIT';
}

function concerned(path: string, fields: Record<string, unknown>): string | null {
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const resource = text('resource_id');
  if (resource !== undefined) return `${wordsOf(text('resource_type') ?? 'resource')} ${resource}`;
  const experiment = text('experiment_id') ?? /\/mlflow-artifacts\/artifacts\/([^/]+)\//.exec(path)?.[1];
  if (experiment !== undefined) return `experiment ${experiment}`;
  const named = fields.experiments ?? fields.experiment_ids;
  if (Array.isArray(named) && named.length > 0)
    return named.length === 1 ? `experiment ${String(named[0])}` : `one of ${named.length} experiments`;
  const run = text('run_id') ?? text('run_uuid');
  if (run !== undefined && !/\/model-versions\//.test(path)) return `the experiment of run ${run}`;
  const runs = fields.runs ?? fields.ids ?? fields.run_ids;
  if (Array.isArray(runs) && runs.length > 0)
    return runs.length === 1 ? `the experiment of run ${String(runs[0])}` : 'the experiments of these runs';
  const model = /\/logged-models\/(m-[^/]+)/.exec(path)?.[1] ?? text('model_id');
  if (model !== undefined && !/\/model-versions\//.test(path)) return `the experiment of model ${model}`;
  if (/\/(registered-models|model-versions)\//.test(path)) {
    const name = text('name');
    if (name !== undefined) return `registered model ${name}`;
  }
  return null;
}

/** `registered_model` as people write it. */
export const wordsOf = (type: string) => type.replaceAll('_', ' ');

/** The sentence about it. */
export function neededInWords({ needed, on }: Denied): string {
  if (needed === 'ADMIN') return 'Only an administrator of the server may do this.';
  return on === null
    ? `This needs ${needed}, which an administrator of the server can grant.`
    : `This needs ${needed} on ${on}. Whoever has MANAGE on it, or an administrator of the server, can grant it.`;
}
