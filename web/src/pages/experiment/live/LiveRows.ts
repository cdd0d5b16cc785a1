import { joined } from '../../../api/changeQueue';
import type { Change } from '../../../api/events';
import { runsTable } from '../../../api/own';
import { runRows, WINDOW } from '../rows/rowTree';
import type { RowStore } from '../rows/RowStore';

/** Groups are counted over all their runs: not with each point that is logged. */
const GROUPS_EVERY = 2_000;

/** How the runs that match now differ from those that are shown. */
export interface Difference {
  more: number;
  fewer: number;
}

export const NO_DIFFERENCE: Difference = { more: 0, fewer: 0 };

interface Told {
  onDifference: (difference: Difference) => void;
  /** There are runs now, where there were none. */
  onFirst: () => void;
}

/** Keeps the rows of one table true while it is shown: values change where they stand, other runs are only counted. */
export class LiveRows {
  #isBusy = false;
  #isStopped = false;
  #next: Change | null = null;
  #groupsAt = -GROUPS_EVERY;
  #groupsTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #unsubscribe: () => void;

  constructor(
    private readonly store: RowStore,
    private readonly told: Told,
  ) {
    // The first rows may have been read before the change.
    this.#unsubscribe = store.subscribe(() => void this.#go());
  }

  tell(change: Change) {
    this.#next = joined(this.#next, change);
    void this.#go();
  }

  stop() {
    this.#isStopped = true;
    this.#unsubscribe();
    clearTimeout(this.#groupsTimer);
  }

  /** One at a time; what comes meanwhile is read afterwards. */
  async #go() {
    const change = this.#next;
    if (!change || this.#isBusy || this.#isStopped || !this.store.isReady) return;
    this.#next = null;
    this.#isBusy = true;
    try {
      await this.#readRows(change);
      await this.#readTotal(change);
      this.#readGroupsSoon();
    } catch {
      // The next hint reads it.
    } finally {
      this.#isBusy = false;
      void this.#go();
    }
  }

  /** The changed rows; of a guess, those in sight and those that run. */
  async #readRows({ runs, isGuess }: Change) {
    const { store } = this;
    const changed = new Set(runs.map(({ run_id }) => run_id));
    const rows = store
      .loadedRuns()
      .filter((row) => changed.has(row.id) || (isGuess && row.cells['attribute.status'] === 'RUNNING'));
    const inSight = isGuess ? store.runsInSight() : [];
    const all = [...new Set([...inSight, ...rows].map((row) => row.id))];
    const { columns } = store.question;
    for (let from = 0; from < all.length && !this.#isStopped; from += WINDOW) {
      const ids = all.slice(from, from + WINDOW);
      const table = await runsTable({ ids, view: 'all', columns, offset: 0, limit: ids.length });
      store.patch(new Map(runRows(table, '', 0).map((row) => [row.id, row.cells])));
    }
  }

  async #readTotal({ runs, isGuess }: Change) {
    if (!isGuess && runs.every(({ what }) => what.every((one) => one === 'metrics'))) return;
    const { store } = this;
    const { total } = await runsTable({ ...store.question.selection, columns: [], offset: 0, limit: 0 });
    // Another table is shown by now: it counts for itself.
    if (this.#isStopped) return;
    // Where nothing is, nothing can move.
    if (total > 0 && store.count === 0) return this.told.onFirst();
    this.told.onDifference(differenceOf(store.totalRuns, store.goneFromTop, total));
  }

  #readGroupsSoon() {
    if (this.store.totalGroups === null || this.#groupsTimer !== undefined || this.#isStopped) return;
    const wait = Math.max(0, this.#groupsAt + GROUPS_EVERY - performance.now());
    this.#groupsTimer = setTimeout(() => {
      this.#groupsAt = performance.now();
      const done = () => (this.#groupsTimer = undefined);
      this.store.readGroups().then(done, done);
    }, wait);
  }
}

/** `gone` of the runs that are shown are known not to match any more. */
export function differenceOf(shown: number, gone: number, total: number): Difference {
  const left = shown - gone;
  return total >= left ? { more: total - left, fewer: gone } : { more: 0, fewer: shown - total };
}
