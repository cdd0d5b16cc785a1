/** Removing for good what is in the trash, in parts that the server takes, and telling what went and what stays. */

import { ApiError } from '../api/http';
import { getExperiment } from '../api/mlflow';
import { purgeExperiment, purgeRuns, runsTable } from '../api/own';
import type { PurgeAnswer, PurgeKept, RunSelection } from '../api/types';
import { startTransfer } from '../app/transfers';
import { inWords } from '../design/States';
import { toast } from '../design/toasts';
import { grouped } from '../format/number';

/** Runs of one request. The server takes 500; fewer are answered before a proxy gives up, and a cancel waits for one answer. */
const AT_ONCE = 200;
/** The server's most rows of one window of a table. */
const WINDOW = 1000;

/** What is to go. The experiments go with everything in them. */
export type Condemned = { runs: readonly string[] } | { experiments: readonly string[] };

export interface Purged {
  runs: number;
  loggedModels: number;
  /** The ids of those that are gone. */
  experiments: readonly string[];
  kept: readonly PurgeKept[];
  /** What ended it before its time. */
  error: unknown;
  isCancelled: boolean;
}

/** The ids of those runs of a selection that are in the trash now. */
export async function deletedRuns(selection: RunSelection, signal?: AbortSignal): Promise<string[]> {
  const ids = new Set<string>();
  let generation: string | null = null;
  for (let offset = 0; ; offset += WINDOW) {
    const window = { columns: [], offset, limit: WINDOW, generation };
    const table = await runsTable({ ...selection, ...window, view: 'deleted' }, signal);
    generation = table.generation;
    for (const id of table.ids) ids.add(id);
    if (table.ids.length < WINDOW) return [...ids];
  }
}

/** Removes it, with progress in the panel of transfers, where what stays is listed with its reason. Never throws. */
export async function purge(condemned: Condemned, label: string): Promise<Purged> {
  let isCancelled = false;
  const cancel = () => {
    isCancelled = true;
  };
  const transfer = startTransfer(label, null, cancel, { isKeeping: true });
  let [runs, loggedModels] = [0, 0];
  const experiments: string[] = [];
  // A run is told of by its own request and by that of its experiment.
  const kept = new Map<string, PurgeKept>();
  let error: unknown = null;
  try {
    const steps = await stepsOf(condemned);
    const total = steps.reduce((all, step) => all + sizeOf(step), 0);
    let done = 0;
    for (const step of steps) {
      // A request that is under way is waited for: what it removes is gone.
      if (isCancelled) break;
      const answer = await carryOut(step);
      runs += answer.runs;
      loggedModels += answer.logged_models;
      if ('experiment' in step && answer.experiments > 0) experiments.push(step.experiment);
      // What somebody else has removed meanwhile does not stay.
      const staying = answer.kept.filter((one) => one.error_code !== 'RESOURCE_DOES_NOT_EXIST');
      for (const one of staying) kept.set(`${one.kind} ${one.id}`, one);
      done += sizeOf(step);
      transfer.update({ done, total, failures: [...kept.values()].map(asFailure) });
    }
  } catch (failure) {
    error = failure;
  }
  const purged: Purged = { runs, loggedModels, experiments, kept: [...kept.values()], error, isCancelled };
  transfer.end(isCancelled ? 'cancelled' : error !== null || kept.size > 0 ? 'failed' : 'done');
  tell(purged);
  return purged;
}

type Step = { runs: readonly string[] } | { experiment: string };

const sizeOf = (step: Step) => ('runs' in step ? step.runs.length : 1);

const carryOut = (step: Step): Promise<PurgeAnswer> =>
  'runs' in step ? purgeRuns({ run_ids: step.runs }) : purgeExperiment({ experiment_id: step.experiment });

/** One request each. The runs of a large experiment come before it: one request for all of it could take minutes. */
async function stepsOf(condemned: Condemned): Promise<Step[]> {
  if ('runs' in condemned) return partsOf(condemned.runs);
  const steps: Step[] = [];
  for (const id of condemned.experiments) {
    const runs = await deletedRuns({ experiments: [id] });
    // Of one that was restored meanwhile nothing may go; the server says so about the whole.
    const isLarge = runs.length > AT_ONCE && (await getExperiment(id)).lifecycle_stage === 'deleted';
    if (isLarge) steps.push(...partsOf(runs));
    steps.push({ experiment: id });
  }
  return steps;
}

export function partsOf(ids: readonly string[]): { runs: readonly string[] }[] {
  const distinct = [...new Set(ids)];
  const count = Math.ceil(distinct.length / AT_ONCE);
  return Array.from({ length: count }, (_, i) => ({ runs: distinct.slice(i * AT_ONCE, (i + 1) * AT_ONCE) }));
}

const asFailure = ({ id, kind, error_code, message }: PurgeKept) => ({ id, kind, code: error_code, message });

function tell(purged: Purged) {
  const { kept, error, isCancelled } = purged;
  const isWhole = kept.length === 0 && error === null && !isCancelled;
  toast(purgedInWords(purged), isWhole ? {} : { kind: 'failed' });
}

/** What went and what stays, in one or two sentences. */
export function purgedInWords(purged: Purged): string {
  const { kept, error, isCancelled } = purged;
  const gone = listed([
    counted(purged.experiments.length, 'experiment'),
    counted(purged.runs, 'run'),
    counted(purged.loggedModels, 'logged model'),
  ]);
  const deleted = gone ? `Deleted ${gone} for good.` : 'Nothing was deleted.';
  return [deleted, isCancelled && 'The rest was left.', staying(kept), error !== null && refusal(error)]
    .filter(Boolean)
    .join(' ');
}

/** The reason of one; of several their number, as the panel lists them. */
function staying(kept: readonly PurgeKept[]): string {
  const [first] = kept;
  if (!first) return '';
  if (kept.length === 1) return `${nameOf(first)} stays: ${first.message}.`;
  const of = (kind: PurgeKept['kind']) => kept.filter((one) => one.kind === kind).length;
  const what = listed([
    counted(of('experiment'), 'experiment'),
    counted(of('run'), 'run'),
    counted(of('logged_model'), 'logged model'),
  ]);
  return `${what} stay.`;
}

const nameOf = ({ kind, id }: PurgeKept) =>
  kind === 'run' ? `Run ${id.slice(0, 8)}` : `${kind === 'experiment' ? 'Experiment' : 'Logged model'} ${id}`;

function refusal(error: unknown): string {
  const { title, detail } = inWords(error);
  // The request may have come through: only the answer is missing.
  const isLost = error instanceof ApiError && error.status === 0;
  return isLost ? 'The server does not answer; more may be gone.' : detail || title;
}

const counted = (count: number, word: string) =>
  count === 0 ? '' : `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

function listed(parts: readonly string[]): string {
  const said = parts.filter(Boolean);
  return [said.slice(0, -1).join(', '), said.at(-1)].filter(Boolean).join(' and ');
}
