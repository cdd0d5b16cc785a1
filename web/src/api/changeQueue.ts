import type { Change } from './changes';

/** Works through changes one after the other; what comes meanwhile is put together and worked through afterwards. */
export class ChangeQueue {
  #next: Change | null = null;
  #isBusy = false;
  #isStopped = false;

  constructor(private readonly work: (change: Change) => Promise<unknown>) {}

  tell(change: Change) {
    this.#next = joined(this.#next, change);
    void this.#go();
  }

  stop() {
    this.#isStopped = true;
  }

  async #go() {
    const change = this.#next;
    if (!change || this.#isBusy || this.#isStopped) return;
    this.#next = null;
    this.#isBusy = true;
    try {
      await this.work(change);
    } catch {
      // The next hint, or guess, reads it.
    } finally {
      this.#isBusy = false;
      void this.#go();
    }
  }
}

/** Two changes as one. */
export function joined(a: Change | null, b: Change): Change {
  if (!a) return b;
  return {
    runs: [...a.runs, ...b.runs],
    experiments: [...new Set([...a.experiments, ...b.experiments])],
    isGuess: a.isGuess || b.isGuess,
  };
}
