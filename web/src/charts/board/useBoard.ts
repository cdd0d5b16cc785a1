import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useChanges } from '../../api/events';
import { runsKeys } from '../../api/own';
import type { Schema } from '../../url/codec';
import { usePageState } from '../../url/usePageState';
import { boardSchema, type BoardState } from '../boardState';
import { CursorLink } from '../line/link';
import type { ChartRun } from '../line/prepare';
import { SeriesFollower } from '../series/follow';
import { HighlightStore } from './highlight';
import { usePatterns } from './patterns';
import type { BoardSettings } from './settings';
import { useGroups } from './useGroups';

const NONE: readonly string[] = [];
const KINDS = ['metric', 'param', 'tag'] as const;

/** The state of some runs' charts, in the URL, and what they have in common. Follows runs that are going on. */
export function useBoard(runs: readonly ChartRun[], hide: readonly string[]) {
  const [parsed, patch] = usePageState(boardSchema);
  const state = useKept(boardSchema, parsed);
  const client = useQueryClient();
  const follower = useRef<SeriesFollower | null>(null);
  useEffect(() => {
    const one = new SeriesFollower(client);
    follower.current = one;
    return () => one.stop();
  }, [client]);
  const [highlight] = useState(() => new HighlightStore());
  const hasPatterns = usePatterns();
  const ids = useMemo(() => runs.map((run) => run.id).sort(), [runs]);
  const keys = useQuery({
    queryKey: ['runs/keys', { ids, kinds: KINDS }],
    queryFn: ({ signal }) => runsKeys({ ids, view: 'all', kinds: KINDS, limit: 10_000 }, signal),
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });

  const running = useMemo(() => new Set(runs.filter((run) => run.isRunning).map((run) => run.id)), [runs]);
  const followed = useMemo(() => [...running].sort(), [running]);
  useChanges(NONE, followed, (change) => {
    follower.current?.follow(change, running);
    const known = new Set(keys.data?.metrics.map((one) => one.key));
    const isNew = change.runs.some((run) => run.metrics?.some((key) => !known.has(key)));
    if (isNew || change.isGuess) void keys.refetch({ cancelRefetch: false });
  });

  const hidden = useMemo(() => new Set(hide), [hide]);
  const shown = useMemo(() => runs.filter((run) => !hidden.has(run.id)), [runs, hidden]);
  const groups = useGroups(runs, state.by);
  // Back shows all of x again; zooming further leaves no more entries.
  const isZoomed = useRef(false);
  isZoomed.current = state.zoom !== null;
  const onZoom = useCallback(
    (zoom: BoardState['zoom']) => {
      const isStep = isZoomed.current !== (zoom !== null);
      isZoomed.current = zoom !== null;
      patch({ zoom }, { replace: !isStep });
    },
    [patch],
  );
  // Charts with the same axis share a cursor; another axis is another link.
  const { x } = state;
  const link = useMemo(() => new CursorLink(x), [x]);
  const settings = useStable<BoardSettings>({
    runs,
    shown,
    groups,
    state,
    hasPatterns,
    link,
    highlight,
    onZoom,
  });
  const metrics = useMemo(() => keys.data?.metrics.map((one) => one.key) ?? [], [keys.data]);
  /** Params and tags by which the runs can be grouped. */
  const groupColumns = useMemo(() => {
    if (runs.length < 2 || !keys.data) return NONE;
    const differs = (one: { differs: boolean | null }) => one.differs !== false;
    return [
      ...keys.data.params.filter(differs).map((one) => `param.${one.key}`),
      ...keys.data.tags
        .filter((one) => differs(one) && !one.key.startsWith('mlflow.note'))
        .map((one) => `tag.${one.key}`),
    ];
  }, [keys.data, runs.length]);
  return { state, patch, settings, highlight, hasPatterns, hidden, keys, metrics, groupColumns };
}

/** A state whose values are the same objects as before where their texts are: a zoom smooths nothing anew. */
function useKept<State>(schema: Schema<State>, state: State): State {
  const [kept, setKept] = useState(state);
  const next = { ...state };
  let isOther = false;
  for (const name in schema) {
    if (schema[name].print(state[name]) === schema[name].print(kept[name])) next[name] = kept[name];
    else isOther = true;
  }
  if (!isOther) return kept;
  setKept(next);
  return next;
}

/** The same object as long as its values are: charts are drawn anew only when something of theirs changed. */
function useStable<Value extends object>(value: Value): Value {
  const values = Object.values(value) as unknown[];
  // eslint-disable-next-line react-hooks/exhaustive-deps -- its values are what it depends on
  return useMemo(() => value, values);
}
