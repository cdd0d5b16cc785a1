import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { metricsStats } from '../../api/own';
import { type MetricStats, number } from '../../api/types';
import { paths } from '../../app/paths';
import { type HighlightStore, useHighlight } from '../../charts/board/highlight';
import { Elided } from '../../charts/Elided';
import type { ChartRun } from '../../charts/line/prepare';
import { Swatch } from '../../charts/Swatch';
import { IconButton } from '../../design/Button';
import { ErrorNote, Skeleton } from '../../design/States';
import { Num, Time } from '../../design/Values';
import { grouped } from '../../format/number';
import styles from './MetricPage.module.css';

interface Props {
  runs: readonly ChartRun[];
  keys: readonly string[];
  hidden: ReadonlySet<string>;
  onHide: (hidden: readonly string[]) => void;
  highlight: HighlightStore;
}

/** The numbers of each run; also the chart's legend. */
export function StatsTable({ runs, keys, hidden, onHide, highlight }: Props) {
  const pointed = useHighlight(highlight);
  const ids = runs.map((run) => run.id);
  const isGoingOn = runs.some((run) => run.isRunning);
  const { data, error, refetch } = useQuery({
    queryKey: ['metrics/stats', { runs: ids, keys }],
    queryFn: ({ signal }) => metricsStats({ runs: ids, keys }, signal),
    placeholderData: (before) => before,
    refetchInterval: isGoingOn ? 10_000 : false,
  });
  return (
    <section className={styles.section} aria-label="Statistics">
      <h2>Statistics</h2>
      {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={3} />}
      {data && (
        <div className={styles.scroll} tabIndex={0} role="region" aria-label="Statistics of the runs">
          <table className={styles.stats} onPointerLeave={() => highlight.set(null)}>
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Last</th>
                <th scope="col">Min</th>
                <th scope="col">Max</th>
                <th scope="col">Points</th>
                <th scope="col">NaN</th>
                <th scope="col">±∞</th>
                <th scope="col">First</th>
                <th scope="col">Latest</th>
              </tr>
            </thead>
            <tbody>
              {runs.flatMap((run) =>
                keys.map((key) => {
                  const stats = data.stats.find((one) => one.run === run.id && one.key === key);
                  const isHidden = hidden.has(run.id);
                  return (
                    <tr
                      key={`${run.id} ${key}`}
                      data-pointed={pointed === run.id}
                      onPointerEnter={() => highlight.set(isHidden ? null : run.id)}
                    >
                      <th scope="row">
                        <span className={styles.name}>
                          <IconButton
                            icon={isHidden ? 'eyeOff' : 'eye'}
                            label={`${isHidden ? 'Show' : 'Hide'} ${run.name}`}
                            onClick={() =>
                              onHide(
                                isHidden ? [...hidden].filter((one) => one !== run.id) : [...hidden, run.id],
                              )
                            }
                          />
                          <Swatch color={run.color} />
                          <Link href={paths.run(run.id)}>
                            <Elided text={keys.length > 1 ? `${run.name} · ${key}` : run.name} />
                          </Link>
                        </span>
                      </th>
                      {stats ? <Cells stats={stats} /> : <td colSpan={8}>does not have it</td>}
                    </tr>
                  );
                }),
              )}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Cells({ stats }: { stats: MetricStats }) {
  return (
    <>
      <Value value={number(stats.last)} step={stats.last_step} />
      <Value value={stats.min} step={stats.min_step} />
      <Value value={stats.max} step={stats.max_step} />
      <td className="number">{grouped(stats.count)}</td>
      <td className="number">{grouped(stats.nan)}</td>
      <td className="number">{grouped(stats.inf)}</td>
      <td>
        <Time at={stats.first_time} />
      </td>
      <td>
        <Time at={stats.last_time} />
      </td>
    </>
  );
}

function Value({ value, step }: { value: number | null; step: number | null }) {
  return (
    <td className="number">
      {value === null ? (
        '–'
      ) : (
        <>
          <Num value={value} /> {step !== null && <span className={styles.at}>at {grouped(step)}</span>}
        </>
      )}
    </td>
  );
}
