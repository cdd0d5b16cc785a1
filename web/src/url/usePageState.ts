import { useCallback, useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { parseState, printState, type Schema } from './codec';
import { rawPath, useRawSearch } from './raw';
import { wholeQuery } from './storedQuery';

/** Changes some of a state; `replace` leaves no entry in the browser's history, as for typing. */
export type Patch<State> = (
  change: Partial<State> | ((state: State) => Partial<State>),
  options?: { replace?: boolean },
) => void;

/** The state of a page, which lives in the URL's query. The schema must be a constant. */
export function usePageState<State>(schema: Schema<State>): [State, Patch<State>] {
  const [, navigate] = useLocation();
  const search = wholeQuery(useRawSearch());
  const path = rawPath();
  const state = useMemo(() => parseState(schema, new URLSearchParams(search)), [schema, search]);
  // Two changes within one event see each other.
  const latest = useRef(search);
  latest.current = search;
  const patch = useCallback<Patch<State>>(
    (change, options) => {
      const query = new URLSearchParams(latest.current);
      const before = parseState(schema, query);
      const after = { ...before, ...(typeof change === 'function' ? change(before) : change) };
      const text = printState(schema, after, query).toString();
      if (text === new URLSearchParams(latest.current).toString()) return;
      latest.current = text;
      navigate(text ? `${path}?${text}` : path, { replace: options?.replace ?? false });
    },
    [schema, path, navigate],
  );
  return [state, patch];
}

/** The query of the page as it is meant, for links that carry it on. */
export function useWholeQuery(): string {
  return wholeQuery(useRawSearch());
}
