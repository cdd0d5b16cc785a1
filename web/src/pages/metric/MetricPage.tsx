import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { runsTable } from '../../api/own';
import { useBreadcrumb } from '../../app/breadcrumb';
import { paths } from '../../app/paths';
import { ChartBody, useChartContent } from '../../charts/board/ChartBody';
import { chartActions } from '../../charts/board/chartActions';
import { choosePatterns } from '../../charts/board/patterns';
import { Toolbar } from '../../charts/board/Toolbar';
import { useBoard } from '../../charts/board/useBoard';
import { MOST_RUNS } from '../../charts/boardState';
import { CHART_RUN_COLUMNS, chartRunsOf } from '../../charts/chartRuns';
import type { LineChartHandle } from '../../charts/line/LineChart';
import { IconButton } from '../../design/Button';
import { Menu } from '../../design/Menu';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { useSeen } from '../../design/useSeen';
import { list, text } from '../../url/codec';
import { usePageState } from '../../url/usePageState';
import { KeyFields } from './KeyFields';
import styles from './MetricPage.module.css';
import { StatsTable } from './StatsTable';

const ValuesTable = lazy(async () => ({ default: (await import('./ValuesTable')).ValuesTable }));

const schema = {
  runs: list,
  /** The metric, as it is. */
  key: text,
  /** More metrics in the same chart. */
  also: list,
  hide: list,
};

/** One metric, or some, of any number of runs: the chart over the full width, its numbers below. */
export default function MetricPage() {
  const [state, patch] = usePageState(schema);
  const ids = useMemo(() => state.runs.filter(Boolean).slice(0, MOST_RUNS), [state.runs]);
  const isAsked = ids.length > 0 && state.key !== '';
  const request = { ids, view: 'all' as const, columns: CHART_RUN_COLUMNS, offset: 0, limit: MOST_RUNS };
  const table = useQuery({
    queryKey: ['runs/table', request],
    queryFn: ({ signal }) => runsTable(request, signal),
    enabled: isAsked,
  });
  // In the order of the URL, which is that of where the reader came from.
  const runs = useMemo(() => {
    const found = new Map(chartRunsOf(table.data).map((run) => [run.id, run]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }, [table.data, ids]);
  useBreadcrumb([{ label: 'Experiments', href: paths.experiments() }, { label: state.key || 'Metric' }]);
  const board = useBoard(runs, state.hide);
  const { settings, hidden, metrics, groupColumns, hasPatterns, highlight } = board;
  const keys = useMemo(() => [...new Set([state.key, ...state.also])], [state.key, state.also]);
  const [width, setWidth] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const isReady = runs.length > 0;
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [isReady]);
  const content = useChartContent(keys, settings, width * Math.min(window.devicePixelRatio, 2));
  const handle = useRef<LineChartHandle>(null);
  const [isTable, setTable] = useState(false);
  const [areValuesSeen, valuesRef] = useSeen();

  if (!isAsked) {
    return (
      <Empty icon="bars" title="No metric is named">
        Open a metric from the page of a run, or from the menu of a chart.
      </Empty>
    );
  }
  if (table.error && !table.data) {
    return <ErrorNote error={table.error} onRetry={() => void table.refetch()} />;
  }
  if (!table.data) return <Skeleton lines={10} />;
  if (!runs.length) return <Empty icon="bars" title="None of these runs exists" />;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>{keys.join(', ')}</h1>
        <Menu
          label="Chart"
          items={chartActions({ keys, settings, content, handle, isTable, setTable })}
          button={(button) => <IconButton icon="dots" label="More about this chart" {...button} />}
        />
      </header>
      <KeyFields
        key={`keys ${state.key}`}
        metric={state.key}
        also={state.also}
        metrics={metrics}
        onMetric={(key) => patch({ key, also: state.also.filter((one) => one !== key) })}
        onAlso={(also) => patch({ also })}
      />
      <Toolbar
        state={board.state}
        patch={board.patch}
        metrics={metrics}
        groupColumns={groupColumns}
        searchError={null}
        found={0}
        isBoard={false}
        hasPatterns={hasPatterns}
        onPatterns={choosePatterns}
      />
      <div ref={frame} className={styles.chart}>
        <ChartBody keys={keys} settings={settings} content={content} isTable={isTable} handle={handle} />
      </div>
      <StatsTable
        runs={runs}
        keys={keys}
        hidden={hidden}
        onHide={(hide) => patch({ hide }, { replace: true })}
        highlight={highlight}
      />
      <div ref={valuesRef} className={styles.values}>
        <Suspense>
          {areValuesSeen && <ValuesTable key={`values of ${keys.join()}`} runs={runs} keys={keys} />}
        </Suspense>
      </div>
    </div>
  );
}
