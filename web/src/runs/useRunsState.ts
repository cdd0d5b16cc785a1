import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { queryClient } from '../app/queryClient';
import { storedView, storeView } from '../api/own';
import { parseState, printState } from '../url/codec';
import { rawPath, useRawSearch } from '../url/raw';
import type { Patch } from '../url/usePageState';
import { type RunsState, runsSchema } from './runsState';

/** A longer query does not survive chats and mails: it is stored, and the URL names it. */
const LONGEST = 1500;
const STORED = 'v';

/** The state as a text, as views keep it. */
export function printRunsState(state: RunsState): string {
  return printState(runsSchema, state, new URLSearchParams()).toString();
}

/** What a stored view says; the default for what it does not. */
export function parseRunsState(stored: unknown): RunsState {
  const query = (stored as { query?: unknown } | null)?.query;
  return parseState(runsSchema, new URLSearchParams(typeof query === 'string' ? query : ''));
}

/** The query without the state. */
function bare(query: URLSearchParams): URLSearchParams {
  return printState(runsSchema, parseState(runsSchema, new URLSearchParams()), query);
}

/** The one state of the table and the charts of an experiment. It lives in the URL, or under the name that is there. */
export function useRunsState(): [RunsState, Patch<RunsState>, { isLoading: boolean; error: unknown }] {
  const search = useRawSearch();
  const [, navigate] = useLocation();
  const path = rawPath();
  const id = new URLSearchParams(search).get(STORED);
  const view = useQuery({
    queryKey: ['views', id],
    queryFn: ({ signal }) => storedView(id ?? '', signal),
    enabled: id !== null,
    staleTime: Infinity,
  });
  const stored = view.data?.state;
  const state = useMemo(
    () => (id === null ? parseState(runsSchema, new URLSearchParams(search)) : parseRunsState(stored)),
    [id, search, stored],
  );

  // Two changes within one event see each other.
  const latest = useRef({ state, search });
  latest.current = { state, search };
  const patch = useCallback<Patch<RunsState>>(
    (change, options) => {
      const before = latest.current.state;
      const after = { ...before, ...(typeof change === 'function' ? change(before) : change) };
      const query = new URLSearchParams(latest.current.search);
      query.delete(STORED);
      const text = printState(runsSchema, after, query).toString();
      if (printRunsState(after) === printRunsState(before)) return;
      latest.current = { state: after, search: text };
      navigate(text ? `${path}?${text}` : path, { replace: options?.replace ?? false });
    },
    [path, navigate],
  );

  useEffect(() => {
    if (id !== null || search.length <= LONGEST) return;
    let isCurrent = true;
    const query = printRunsState(parseState(runsSchema, new URLSearchParams(search)));
    void storeView({ query })
      .then((answer) => {
        if (!isCurrent) return;
        queryClient.setQueryData(['views', answer.id], { id: answer.id, state: { query } });
        const short = bare(new URLSearchParams(search));
        short.set(STORED, answer.id);
        navigate(`${path}?${short.toString()}`, { replace: true });
      })
      // The long URL works too.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [id, search, path, navigate]);

  return [state, patch, { isLoading: id !== null && view.isPending, error: view.error }];
}
