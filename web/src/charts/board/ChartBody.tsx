import { lazy, type Ref, Suspense, useMemo } from 'react';
import { ErrorNote } from '../../design/States';
import { BarList } from '../bar/BarList';
import { lineChart } from '../../app/pages';
import type { LineChartHandle } from '../line/LineChart';
import { type Prepared, prepareLines } from '../line/prepare';
import { useChartSeries } from '../series/useChartSeries';
import styles from './ChartBody.module.css';
import { useHighlight } from './highlight';
import { notesOf, summaryOf } from './notes';
import type { BoardSettings } from './settings';

// uPlot comes with the first chart, not with the page.
const LineChart = lazy(lineChart);
const ChartTable = lazy(async () => ({ default: (await import('./ChartTable')).ChartTable }));

export interface ChartContent {
  prepared: Prepared;
  isRefining: boolean;
}

/** The lines of some metrics, ready to be drawn; `undefined` while they are read. */
export function useChartContent(keys: readonly string[], settings: BoardSettings, pixels: number) {
  const { runs, shown, groups, state, hasPatterns } = settings;
  const over = state.x.startsWith('metric.') ? state.x.slice('metric.'.length) : null;
  const axis = state.x === 'time' || state.x === 'relative' ? state.x : 'step';
  const ids = useMemo(() => runs.map((run) => run.id), [runs]);
  const main = useChartSeries(ids, keys, axis, over === null ? state.zoom : null, pixels);
  const overKeys = useMemo(() => (over === null ? [] : [over]), [over]);
  const other = useChartSeries(ids, overKeys, 'step', null, pixels, over !== null);
  const { smooth, xlog, ylog, band, base, against } = state;
  const prepared = useMemo(() => {
    if (!main.series || (over !== null && !other.series)) return undefined;
    return prepareLines({
      runs: shown,
      keys,
      series: main.series,
      over: over === null ? null : (other.series ?? null),
      smoothing: smooth,
      isLogX: xlog,
      isLogY: ylog,
      groups,
      band,
      baseline: base ? { run: base, mode: against } : null,
      hasPatterns,
    });
  }, [
    main.series,
    other.series,
    over,
    shown,
    keys,
    smooth,
    xlog,
    ylog,
    groups,
    band,
    base,
    against,
    hasPatterns,
  ]);
  return {
    prepared,
    error: main.error ?? other.error,
    retry: () => (main.error ? main.retry() : other.retry()),
    isRefining: main.isRefining,
  };
}

interface Props {
  keys: readonly string[];
  settings: BoardSettings;
  content: ReturnType<typeof useChartContent>;
  isTable: boolean;
  handle?: Ref<LineChartHandle>;
}

/** A chart without its frame: lines, bars where there is one point each, or the same as a table. */
export function ChartBody({ keys, settings, content, isTable, handle }: Props) {
  const highlight = useHighlight(settings.highlight);
  const { prepared, error, retry, isRefining } = content;
  const { state } = settings;
  if (error) return <ErrorNote error={error} onRetry={retry} />;
  if (!prepared)
    return <div className={styles.waiting} role="status" aria-label={`Loading ${keys.join(', ')}`} />;
  if (!prepared.lines.length) return <p className={styles.nothing}>None of the shown runs has it.</p>;
  const xKind = state.x.startsWith('metric.') ? 'metric' : (state.x as 'step' | 'time' | 'relative');
  if (isTable) {
    return (
      <Suspense fallback={<div className={styles.waiting} />}>
        <ChartTable lines={prepared.lines} xKind={xKind} label={keys.join(', ')} />
      </Suspense>
    );
  }
  const isBars = prepared.isSingle && xKind !== 'metric' && !state.base;
  const notes = notesOf(prepared);
  return (
    <div className={styles.body} data-refining={isRefining}>
      {isBars ? (
        <BarList
          label={`${keys.join(', ')}: last values`}
          bars={prepared.lines.toReversed().map((line) => ({
            id: line.subject,
            name: line.name,
            color: line.color,
            value: line.y[0] ?? NaN,
          }))}
          highlight={highlight}
          onHighlight={settings.highlight.set}
        />
      ) : (
        <Suspense fallback={<div className={styles.waiting} />}>
          <LineChart
            lines={prepared.lines}
            xKind={xKind}
            isLogX={state.xlog}
            isLogY={state.ylog}
            y={state.y}
            zoom={state.zoom}
            onZoom={settings.onZoom}
            link={settings.link}
            highlight={highlight}
            onHighlight={settings.highlight.set}
            label={summaryOf(keys, prepared)}
            {...(handle && { ref: handle })}
          />
        </Suspense>
      )}
      {notes.length > 0 && <p className={styles.notes}>{notes.join(' · ')}</p>}
    </div>
  );
}
