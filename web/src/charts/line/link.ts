/** What charts with the same x share: where the cursor is. */

type Listener = (x: number | null) => void;

export class CursorLink {
  readonly #listeners = new Map<object, Listener>();
  #pending: { x: number | null; source: object } | null = null;
  #frame = 0;

  constructor(
    /** The axis that its charts have in common. */
    readonly x: string,
  ) {}

  join(chart: object, listener: Listener): () => void {
    this.#listeners.set(chart, listener);
    return () => this.#listeners.delete(chart);
  }

  /** Tells the others, once per frame however fast the pointer is. */
  move(source: object, x: number | null) {
    this.#pending = { x, source };
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const pending = this.#pending;
      if (!pending) return;
      for (const [chart, listener] of this.#listeners) if (chart !== pending.source) listener(pending.x);
    });
  }
}
