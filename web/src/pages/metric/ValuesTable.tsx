import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { metricHistoryPage } from '../../api/mlflow';
import { number } from '../../api/types';
import type { ChartRun } from '../../charts/line/prepare';
import { Button } from '../../design/Button';
import { classes } from '../../design/classes';
import { SelectField } from '../../design/Field';
import { ErrorNote, Skeleton } from '../../design/States';
import { toast } from '../../design/toasts';
import { fullNumber, grouped } from '../../format/number';
import { localTime, utcTime } from '../../format/time';
import styles from './MetricPage.module.css';

const ROW = 28;

interface Props {
  runs: readonly ChartRun[];
  keys: readonly string[];
}

/** Every point of a run, as it was logged. The next are read as the reader comes near them. */
export function ValuesTable({ runs, keys }: Props) {
  const [runId, setRun] = useState(runs[0]?.id ?? '');
  const [key, setKey] = useState(keys[0] ?? '');
  const scroll = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery({
    queryKey: ['metrics/get-history', runId, key],
    queryFn: ({ pageParam, signal }) => metricHistoryPage(runId, key, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_page_token || null,
    refetchOnWindowFocus: false,
    staleTime: 60_000,
  });
  const points = useMemo(() => query.data?.pages.flatMap((page) => page.metrics ?? []) ?? [], [query.data]);
  const rows = useVirtualizer({
    count: points.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = rows.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isNearEnd = hasNextPage && !isFetchingNextPage && lastShown > points.length - 2_000;
  useEffect(() => {
    if (isNearEnd) void fetchNextPage();
  }, [isNearEnd, fetchNextPage]);
  return (
    <section className={styles.section} aria-label="All values">
      <div className={styles.valuesHead}>
        <h2>All values</h2>
        {runs.length > 1 && (
          <SelectField
            label="Run"
            isLabelHidden
            value={runId}
            options={runs.map((run) => ({ value: run.id, label: run.name }))}
            onChange={setRun}
          />
        )}
        {keys.length > 1 && (
          <SelectField
            label="Metric"
            isLabelHidden
            value={key}
            options={keys.map((one) => ({ value: one, label: one }))}
            onChange={setKey}
          />
        )}
        <Button icon="download" onClick={() => void saveAll(runs, keys)}>
          All runs as CSV
        </Button>
      </div>
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <Skeleton lines={5} />}
      {query.data && (
        <div
          ref={scroll}
          className={styles.values}
          tabIndex={0}
          role="region"
          aria-label={`Values of ${key}`}
        >
          <div role="table" aria-label={`Values of ${key}`} aria-rowcount={points.length + 1}>
            <div role="row" aria-rowindex={1} className={styles.row} data-head>
              <span role="columnheader" className="number">
                Step
              </span>
              <span role="columnheader">Time</span>
              <span role="columnheader" className="number">
                Value
              </span>
            </div>
            <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
              {items.map(({ index, start }) => {
                const point = points[index];
                if (!point) return null;
                return (
                  <div
                    key={index}
                    role="row"
                    aria-rowindex={index + 2}
                    className={classes(styles.row, styles.item)}
                    style={{ top: start }}
                  >
                    <span role="cell" className="number">
                      {grouped(point.step)}
                    </span>
                    <span role="cell" title={utcTime(point.timestamp)}>
                      {localTime(point.timestamp)}
                    </span>
                    <span role="cell" className="number">
                      {fullNumber(number(point.value))}
                    </span>
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
      <p className={styles.more} role="status">
        {query.data && `${grouped(points.length)} values${hasNextPage ? ' read so far' : ''}`}
      </p>
    </section>
  );
}

async function saveAll(runs: readonly ChartRun[], keys: readonly string[]) {
  try {
    const { saveFullCsv } = await import('../../charts/export/files');
    await saveFullCsv(runs, keys, keys.join('_').replace(/[^\w.-]+/g, '_'));
  } catch (error) {
    toast(error instanceof Error ? error.message : 'The file could not be made.', { kind: 'failed' });
  }
}
