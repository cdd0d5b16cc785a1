import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useChanges } from '../api/events';
import { runsKeys } from '../api/own';
import { Empty, ErrorNote, Skeleton } from '../design/States';
import type { Schema } from '../url/codec';
import { usePageState } from '../url/usePageState';
import { boardSchema } from './boardState';
import { ChartDialog } from './board/ChartDialog';
import { ChartGrid } from './board/ChartGrid';
import { HighlightStore } from './board/highlight';
import { choosePatterns, usePatterns } from './board/patterns';
import { RunList } from './board/RunList';
import { moveTarget, searchOf, sectionOf, sectionsOf, withMove } from './board/sections';
import type { BoardSettings } from './board/settings';
import { Toolbar } from './board/Toolbar';
import { useGroups } from './board/useGroups';
import styles from './ChartBoard.module.css';
import { CursorLink } from './line/link';
import type { ChartRun } from './line/prepare';
import { followChange } from './series/useSeries';

export type { ChartRun } from './line/prepare';

interface Props {
  /** In the order of the list. Their series are asked for, so not more than 200. */
  runs: readonly ChartRun[];
  /** How many runs match in all, if these are the first of more. */
  total?: number;
  /** Runs that are not drawn. Without `onHide` there is no list. */
  hide?: readonly string[];
  onHide?: (hidden: readonly string[]) => void;
  pin?: readonly string[];
  onPin?: (pinned: readonly string[]) => void;
  /** Whether the list says how many runs there are, which is `n` in the URL. */
  hasCount?: boolean;
}

const NONE: readonly string[] = [];

/** All metrics of some runs as charts, in sections. Its state is in the URL: `boardState.ts`. */
export default function ChartBoard({
  runs,
  total,
  hide = NONE,
  onHide,
  pin = NONE,
  onPin,
  hasCount = false,
}: Props) {
  const [parsed, patch] = usePageState(boardSchema);
  const state = useKept(boardSchema, parsed);
  const client = useQueryClient();
  const [highlight] = useState(() => new HighlightStore());
  const hasPatterns = usePatterns();
  const ids = useMemo(() => runs.map((run) => run.id).sort(), [runs]);
  const keys = useQuery({
    queryKey: ['runs/keys', { ids, kinds: ['metric', 'param', 'tag'] }],
    queryFn: ({ signal }) =>
      runsKeys({ ids, view: 'all', kinds: ['metric', 'param', 'tag'], limit: 10_000 }, signal),
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });

  const running = useMemo(() => new Set(runs.filter((run) => run.isRunning).map((run) => run.id)), [runs]);
  useChanges(
    NONE,
    useMemo(() => [...running].sort(), [running]),
    (change) => {
      followChange(client, change, running);
      const known = new Set(keys.data?.metrics.map((one) => one.key));
      const isNew = change.runs.some((run) => run.metrics?.some((key) => !known.has(key)));
      if (isNew || change.isGuess) void keys.refetch({ cancelRefetch: false });
    },
  );

  const hidden = useMemo(() => new Set(hide), [hide]);
  const shown = useMemo(() => runs.filter((run) => !hidden.has(run.id)), [runs, hidden]);
  const groups = useGroups(runs, state.by);
  const onZoom = useCallback(
    (zoom: BoardSettings['state']['zoom']) => patch({ zoom }, { replace: true }),
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

  const search = useMemo(() => searchOf(state.m), [state.m]);
  const metrics = useMemo(() => keys.data?.metrics.map((one) => one.key) ?? [], [keys.data]);
  const sections = useMemo(
    () => sectionsOf(metrics.filter(search.test), state.order, state.moves),
    [metrics, search, state.order, state.moves],
  );
  const ordered = useMemo(() => sections.flatMap((section) => section.keys), [sections]);
  const groupColumns = useMemo(
    () => [
      ...(keys.data?.params.filter((one) => one.differs !== false).map((one) => `param.${one.key}`) ?? []),
      ...(keys.data?.tags
        .filter((one) => one.differs !== false && !one.key.startsWith('mlflow.note'))
        .map((one) => `tag.${one.key}`) ?? []),
    ],
    [keys.data],
  );

  const moves = useMemo(
    () => ({
      move: (key: string, where: 'earlier' | 'later' | 'first' | 'last') => {
        const section = sections.find((one) => one.keys.includes(key));
        const before = section ? moveTarget(section.keys, key, where) : null;
        if (before !== null) patch((now) => ({ moves: withMove(now.moves, key, before) }));
      },
      drop: (key: string, onto: string) => {
        const section = sections.find((one) => one.keys.includes(onto));
        if (!section || key === onto || sectionOf(key) !== section.name) return;
        const from = section.keys.indexOf(key);
        const to = section.keys.indexOf(onto);
        const before = from < to ? (section.keys[to + 1] ?? '') : onto;
        patch((now) => ({ moves: withMove(now.moves, key, before) }));
      },
    }),
    [sections, patch],
  );
  const onFull = useCallback((full: string) => patch({ full }), [patch]);
  const onShow = useCallback((full: string) => patch({ full }, { replace: true }), [patch]);

  return (
    <div className={styles.board}>
      <Toolbar
        state={state}
        patch={patch}
        metrics={metrics}
        groupColumns={runs.length > 1 ? groupColumns : NONE}
        searchError={search.error}
        found={ordered.length}
        hasPatterns={hasPatterns}
        onPatterns={choosePatterns}
      />
      <div className={styles.content}>
        {onHide && (
          <RunList
            runs={runs}
            total={total ?? runs.length}
            hidden={hidden}
            pinned={new Set(pin)}
            onHide={onHide}
            onPin={onPin ?? null}
            n={hasCount ? state.n : null}
            onN={(n) => patch({ n })}
            base={state.base}
            onBase={(base) => patch({ base })}
            hasPatterns={hasPatterns}
            highlight={highlight}
          />
        )}
        {keys.error && !keys.data ? (
          <ErrorNote error={keys.error} onRetry={() => void keys.refetch()} />
        ) : !keys.data ? (
          ids.length > 0 ? (
            <Skeleton />
          ) : (
            <Empty icon="bars" title="No runs to draw" />
          )
        ) : ordered.length === 0 ? (
          <NoCharts isSearch={metrics.length > 0} />
        ) : (
          <ChartGrid
            sections={sections}
            settings={settings}
            search={search}
            fold={state.fold}
            across={state.across}
            height={state.height}
            moves={moves}
            onFold={(name) =>
              patch(
                ({ fold }) => ({
                  fold: fold.includes(name) ? fold.filter((one) => one !== name) : [...fold, name],
                }),
                { replace: true },
              )
            }
            onMoveSection={(name, where) => {
              const before = moveTarget(
                sections.map((one) => one.name),
                name,
                where,
              );
              if (before !== null) patch((now) => ({ order: withMove(now.order, name, before) }));
            }}
            onFull={onFull}
          />
        )}
      </div>
      {state.full && (
        <ChartDialog
          metric={state.full}
          metrics={ordered}
          settings={settings}
          onShow={onShow}
          onClose={() => patch({ full: '' }, { replace: true })}
        />
      )}
    </div>
  );
}

function NoCharts({ isSearch }: { isSearch: boolean }) {
  return isSearch ? (
    <Empty icon="search" title="No metric has such a name">
      <p>The search is a regular expression: `loss$` finds names that end with loss.</p>
    </Empty>
  ) : (
    <Empty icon="bars" title="These runs have no metrics yet">
      <p>
        Each metric becomes a chart here: <code>mlflow.log_metric(&quot;loss&quot;, 0.5, step=1)</code>
      </p>
    </Empty>
  );
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
