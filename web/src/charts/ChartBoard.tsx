import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { PHONE, useMedia } from '../app/useMedia';
import { Empty, ErrorNote, Skeleton } from '../design/States';
import { ChartGrid } from './board/ChartGrid';
import { choosePatterns } from './board/patterns';
import { RunList } from './board/RunList';
import { moveTarget, searchOf, sectionOf, sectionsOf, withMove } from './board/sections';
import { Toolbar } from './board/Toolbar';
import { useBoard } from './board/useBoard';
import styles from './ChartBoard.module.css';
import type { ChartRun } from './line/prepare';

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

const ChartDialog = lazy(async () => ({ default: (await import('./board/ChartDialog')).ChartDialog }));

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
  // Where there is little room, the charts come first.
  const isNarrow = useMedia(PHONE);
  const [isListWanted, setListWanted] = useState<boolean | null>(null);
  const isListOpen = isListWanted ?? !isNarrow;
  const board = useBoard(runs, hide);
  const { state, patch, settings, highlight, hasPatterns, hidden, keys, metrics, groupColumns } = board;
  const search = useMemo(() => searchOf(state.m), [state.m]);
  const sections = useMemo(
    () => sectionsOf(metrics.filter(search.test), state.order, state.moves),
    [metrics, search, state.order, state.moves],
  );
  const ordered = useMemo(() => sections.flatMap((section) => section.keys), [sections]);
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
        {...(onHide && { isListOpen, onList: setListWanted })}
        state={state}
        patch={patch}
        metrics={metrics}
        groupColumns={groupColumns}
        searchError={search.error}
        found={ordered.length}
        hasPatterns={hasPatterns}
        onPatterns={choosePatterns}
      />
      <div className={styles.content}>
        {onHide && isListOpen && (
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
            groups={settings.groups}
          />
        )}
        {keys.error && !keys.data ? (
          <ErrorNote error={keys.error} onRetry={() => void keys.refetch()} />
        ) : !keys.data ? (
          runs.length > 0 ? (
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
      <Suspense>
        {state.full && (
          <ChartDialog
            metric={state.full}
            metrics={ordered}
            settings={settings}
            onShow={onShow}
            onClose={() => patch({ full: '' }, { replace: true })}
          />
        )}
      </Suspense>
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
