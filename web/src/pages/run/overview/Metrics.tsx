import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { Metric, Run } from '../../../api/mlflow';
import { metricsStats } from '../../../api/own';
import { sparklines } from '../../../api/sparklines';
import { type MetricStats, number } from '../../../api/types';
import { paths } from '../../../app/paths';
import { Sparkline } from '../../../charts/Sparkline';
import { TextField } from '../../../design/Field';
import { Num } from '../../../design/Values';
import { grouped } from '../../../format/number';
import { isLive } from '../useRun';
import { GroupCell, KeyCell } from './KeyCell';
import { byKey } from '../../../format/order';
import { type Row, treeRows } from './keyTree';
import styles from './Metrics.module.css';
import { Rows } from './Rows';
import { Nothing, Section } from './Section';
import { useOpenGroups } from './useOpenGroups';

/** So many histories are asked for at once. */
const CHUNK = 50;

export function Metrics({ run, color }: { run: Run; color: string }) {
  const metrics = useMemo(
    () => (run.data.metrics ?? []).map((metric) => ({ key: metric.key, value: metric })).sort(byKey),
    [run.data.metrics],
  );
  const [words, setWords] = useState('');
  const { isOpen, toggle } = useOpenGroups((prefix) => !prefix.startsWith('system/'));
  const asked = words.trim().toLowerCase();
  const rows = treeRows(
    asked ? metrics.filter(({ key }) => key.toLowerCase().includes(asked)) : metrics,
    '/',
    (prefix) => asked !== '' || isOpen(prefix),
  );
  const stats = useStats(run, metrics.length > 0);
  const chunkOf = useMemo(() => {
    const keys = metrics.map(({ key }) => key);
    return new Map(keys.map((key, i) => [key, keys.slice(i - (i % CHUNK), i - (i % CHUNK) + CHUNK)]));
  }, [metrics]);
  const cells = (row: Row<Metric> | undefined) => {
    if (!row) return null;
    if (row.kind === 'group') return <GroupCell group={row} onToggle={toggle} />;
    return (
      <MetricCells
        run={run}
        row={row}
        stats={stats?.get(row.key)}
        chunk={chunkOf.get(row.key) ?? []}
        color={color}
      />
    );
  };
  return (
    <Section
      title="Metrics"
      count={metrics.length}
      tools={
        metrics.length > 8 && (
          <TextField
            label="Search metrics"
            isLabelHidden
            icon="search"
            placeholder="Search"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        )
      }
    >
      {metrics.length === 0 && <Nothing>This run has no metrics.</Nothing>}
      {metrics.length > 0 && rows.length === 0 && <Nothing>No metric has this in its key.</Nothing>}
      {rows.length > 0 && (
        <Rows
          label="Metrics"
          className={styles.table}
          head={<Head />}
          count={rows.length}
          rowKey={(i) => {
            const row = rows[i];
            return row?.kind === 'leaf' ? `key ${row.key}` : `group ${row?.prefix}`;
          }}
          row={(i) => cells(rows[i])}
        />
      )}
    </Section>
  );
}

function Head() {
  return (
    <>
      <span role="columnheader">Metric</span>
      <span role="columnheader" className={styles.trend}>
        Trend
      </span>
      <span role="columnheader" className="number">
        Last
      </span>
      <span role="columnheader" className="number">
        Step
      </span>
      <span role="columnheader" className={styles.extreme}>
        Min
      </span>
      <span role="columnheader" className={styles.extreme}>
        Max
      </span>
    </>
  );
}

interface CellsProps {
  run: Run;
  row: { key: string; label: string; depth: number; value: Metric };
  stats: MetricStats | undefined;
  chunk: readonly string[];
  color: string;
}

function MetricCells({ run, row, stats, chunk, color }: CellsProps) {
  const { value } = row;
  return (
    <>
      <KeyCell title={row.key} depth={row.depth}>
        <Link href={paths.metric([run.info.run_id], row.key)}>{row.label || '(empty)'}</Link>
      </KeyCell>
      <div role="cell" className={styles.trend}>
        <Trend run={run} metric={row.key} chunk={chunk} color={color} />
      </div>
      <div role="cell" className={styles.last}>
        <Num value={number(value.value)} />
      </div>
      <div role="cell" className={styles.step}>
        {grouped(Number(value.step))}
      </div>
      <Extreme value={stats?.min} step={stats?.min_step} isOne={stats?.count === 1} />
      <Extreme value={stats?.max} step={stats?.max_step} isOne={stats?.count === 1} />
    </>
  );
}

/** The least or greatest value, and at which step it was. */
function Extreme({
  value,
  step,
  isOne,
}: {
  value: number | null | undefined;
  step: number | null | undefined;
  isOne: boolean;
}) {
  return (
    <div role="cell" className={styles.extreme}>
      {value !== null && value !== undefined && !isOne && (
        <>
          <Num value={value} />
          {step !== null && step !== undefined && <span className={styles.at}>at {grouped(step)}</span>}
        </>
      )}
    </div>
  );
}

function Trend({
  run,
  metric,
  chunk,
  color,
}: {
  run: Run;
  metric: string;
  chunk: readonly string[];
  color: string;
}) {
  // Every row asks for the histories of its neighbours too, in one and the same call.
  const { data } = useQuery({
    queryKey: ['series', 'sparklines', run.info.run_id, chunk],
    queryFn: ({ signal }) => sparklines(run.info.run_id, chunk, signal),
    select: (all) => all[metric],
    staleTime: isLive(run) ? 4_000 : 60_000,
  });
  return <Sparkline data={data} color={color} />;
}

/** Least, greatest and where, per key. */
function useStats(run: Run, isEnabled: boolean) {
  const { data } = useQuery({
    queryKey: ['metrics/stats', run.info.run_id],
    queryFn: async ({ signal }) =>
      (await metricsStats({ runs: [run.info.run_id], keys: null }, signal)).stats,
    enabled: isEnabled,
  });
  return useMemo(() => data && new Map(data.map((one) => [one.key, one])), [data]);
}
