/** Which rows are in sight: it changes with every scroll, and only the footer's position shows it. */
export class Seen {
  #value = { first: 0, last: 0 };
  readonly #listeners = new Set<() => void>();

  readonly get = () => this.#value;

  readonly set = (value: { first: number; last: number }) => {
    if (value.first === this.#value.first && value.last === this.#value.last) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  };

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
