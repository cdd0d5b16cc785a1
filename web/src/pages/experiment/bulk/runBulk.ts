import { runsBulk, runsTable } from '../../../api/own';
import { ApiError } from '../../../api/http';
import type { BulkOperation, RunSelection } from '../../../api/types';
import { type Failure, startTransfer } from '../../../app/transfers';
import { toast } from '../../../design/toasts';
import { grouped } from '../../../format/number';
import { MOST_IDS } from '../runs/useSelected';

/** Which runs something is done to. */
export interface Target {
  /** One by one; `null`: everything that the question finds. */
  ids: readonly string[] | null;
  question: RunSelection;
  count: number;
}

/** What the server is asked about, in parts that it takes. */
export function partsOf({ ids, question }: Target): RunSelection[] {
  if (ids === null) return [question];
  const parts: RunSelection[] = [];
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    parts.push({ ids: ids.slice(at, at + MOST_IDS), view: 'all' });
  }
  return parts;
}

/** The ids of a target, if they are few enough to be named: what is done to them can then be undone. */
export async function named(target: Target): Promise<Target> {
  if (target.ids !== null || target.count > MOST_IDS) return target;
  const table = await runsTable({ ...target.question, columns: [], offset: 0, limit: MOST_IDS });
  return { ...target, ids: table.ids };
}

export const runsOf = (count: number) => `${grouped(count)} ${count === 1 ? 'run' : 'runs'}`;

/** Changes many runs, with progress and what failed in the panel of transfers. Tells how many were changed. */
export async function runBulk(target: Target, operation: BulkOperation, label: string): Promise<number> {
  const cancelled = new AbortController();
  const transfer = startTransfer(label, target.count, () => cancelled.abort());
  const failures: Failure[] = [];
  let done = 0;
  let before = 0;
  try {
    for (const part of partsOf(target)) {
      await runsBulk(
        { ...part, operation },
        (progress) => {
          done = before + progress.done;
          failures.push(
            ...progress.failed.map(({ run_id, error_code, message }) => ({
              id: run_id,
              code: error_code,
              message,
            })),
          );
          const total = target.ids === null ? progress.total : target.count;
          transfer.update({ done, total, failures: [...failures] });
        },
        cancelled.signal,
      );
      before = done;
    }
    transfer.end(failures.length ? 'failed' : 'done');
  } catch (error) {
    transfer.end(cancelled.signal.aborted ? 'cancelled' : 'failed');
    if (!cancelled.signal.aborted) {
      toast(error instanceof ApiError ? error.message : `${label}: failed.`, { kind: 'failed' });
    }
  }
  return done;
}
