/** The state of a page as texts in its URL. A value that is the default is not written. */

export interface Codec<Value> {
  /** Reads what the URL has; `null` if it says nothing. Never throws: what cannot be read is the default. */
  parse(text: string | null): Value;
  /** The text for the URL; `null` for the default. */
  print(value: Value): string | null;
}

/** A text; empty by default. */
export const text: Codec<string> = {
  parse: (raw) => raw ?? '',
  print: (value) => value || null,
};

/** One of a few words; the first is the default. */
export function oneOf<Word extends string>(...words: readonly [Word, ...Word[]]): Codec<Word> {
  return {
    parse: (raw) => words.find((word) => word === raw) ?? words[0],
    print: (value) => (value === words[0] ? null : value),
  };
}

/** On or off; off by default. */
export const flag: Codec<boolean> = {
  parse: (raw) => raw === '1',
  print: (value) => (value ? '1' : null),
};

/** A finite number, or none. */
export const maybeNumber: Codec<number | null> = {
  parse: (raw) => (raw && Number.isFinite(Number(raw)) ? Number(raw) : null),
  print: (value) => (value === null ? null : String(value)),
};

/**
 * Texts with commas between. A comma or backslash inside of one has a backslash before it, so that keys of metrics
 * survive whatever they hold.
 */
export const list: Codec<readonly string[]> = {
  parse: (raw) => (raw ? splitList(raw) : []),
  print: (value) =>
    value.length
      ? value.map((one) => one.replace(/[\\,]/g, '\\$&')).join(',') + (isAmbiguous(value) ? ',' : '')
      : null,
};

/** A list, or `null` when the URL says nothing: an empty list is written as `-`. */
export const maybeList: Codec<readonly string[] | null> = {
  parse: (raw) => (raw === null ? null : raw === '-' ? [] : splitList(raw)),
  print: (value) => {
    if (value === null) return null;
    if (value.length === 0) return '-';
    return value.length === 1 && value[0] === '-' ? '-,' : list.print(value);
  },
};

/** `['']` would print as the empty text. */
function isAmbiguous(value: readonly string[]): boolean {
  return value[value.length - 1] === '';
}

function splitList(raw: string): string[] {
  const found: string[] = [];
  let one = '';
  for (let i = 0; i < raw.length; i += 1) {
    const c = raw.charAt(i);
    if (c === '\\' && i + 1 < raw.length) {
      i += 1;
      one += raw.charAt(i);
    } else if (c === ',') {
      found.push(one);
      one = '';
    } else {
      one += c;
    }
  }
  // A comma at the end closes the last text and begins none.
  if (one || !raw.endsWith(',')) found.push(one);
  return found;
}

/** A state: the codec of each of its query parameters. */
export type Schema<State> = { readonly [Name in keyof State]: Codec<State[Name]> };

/** Reads a state from a query. */
export function parseState<State>(schema: Schema<State>, query: URLSearchParams): State {
  const state = {} as State;
  for (const name in schema) state[name] = schema[name].parse(query.get(name));
  return state;
}

/** Writes a state into a query; parameters of others stay. */
export function printState<State>(
  schema: Schema<State>,
  state: State,
  query: URLSearchParams,
): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const name in schema) {
    const printed = schema[name].print(state[name]);
    if (printed === null) next.delete(name);
    else next.set(name, printed);
  }
  return next;
}
