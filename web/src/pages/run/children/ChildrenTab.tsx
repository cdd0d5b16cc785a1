import { useState } from 'react';
import { Link } from 'wouter';
import type { Run } from '../../../api/mlflow';
import { number } from '../../../api/types';
import { paths } from '../../../app/paths';
import { Button, IconButton } from '../../../design/Button';
import { Empty, ErrorNote, Skeleton } from '../../../design/States';
import { Num, Status, Time } from '../../../design/Values';
import { grouped } from '../../../format/number';
import { duration } from '../../../format/time';
import { COLOR_TAG, runColor, runColors } from '../../../runs/colors';
import { rememberRunList } from '../../../runs/runList';
import { runFacts, tagsOf } from '../runFacts';
import { CHILDREN_LIMIT, useChildren } from '../useRun';
import styles from './ChildrenTab.module.css';
import { differingKeys } from './differingKeys';

/** The children of a run as a table, with theirs below them, however deep. */
export default function ChildrenTab({ run }: { run: Run }) {
  const { data, error, refetch } = useChildren(run.info.experiment_id, run.info.run_id);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  if (data.runs.length === 0) {
    return (
      <Empty icon="list" title="No children">
        <p>
          Runs started inside of this one appear here: <code>mlflow.start_run(nested=True)</code>.
        </p>
      </Empty>
    );
  }
  const colors = colorsOf(data.runs);
  const params = differingKeys(data.runs, ({ data: { params } }) => params ?? []).slice(0, 6);
  const metrics = differingKeys(data.runs, ({ data: { metrics } }) =>
    (metrics ?? []).filter(({ key }) => !key.startsWith('system/')),
  ).slice(0, 6);
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <p>
          {grouped(data.runs.length)}
          {data.hasMore && '+'} children. Columns: what differs between them.
        </p>
        <CompareChildren runs={data.runs} />
      </div>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label="Children">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Status</th>
              <th scope="col">Started</th>
              <th scope="col" className="number">
                Duration
              </th>
              {metrics.map((key) => (
                <th key={`m ${key}`} scope="col" className="number" title={`Metric ${key}`}>
                  {key}
                </th>
              ))}
              {params.map((key) => (
                <th key={`p ${key}`} scope="col" title={`Param ${key}`}>
                  {key}
                </th>
              ))}
            </tr>
          </thead>
          <tbody onClickCapture={keepList}>
            {data.runs.map((child) => (
              <ChildRow
                key={child.info.run_id}
                run={child}
                depth={0}
                metrics={metrics}
                params={params}
                color={colors.get(child.info.run_id)}
              />
            ))}
          </tbody>
        </table>
        {data.hasMore && <p className={styles.more}>The latest {grouped(CHILDREN_LIMIT)} are shown.</p>}
      </div>
    </div>
  );
}

const colorsOf = (runs: readonly Run[]) =>
  runColors(runs.map((run) => ({ id: run.info.run_id, chosen: tagsOf(run).get(COLOR_TAG) ?? null })));

/** The list that `[` and `]` lead through: the rows as they stand, with those that were opened below others. */
function keepList(event: React.MouseEvent<HTMLElement>) {
  const row = (event.target as Element).closest('a')?.closest<HTMLElement>('[data-run]');
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-run]')];
  if (row)
    rememberRunList(
      rows.map((one) => one.dataset.run ?? ''),
      row.dataset.run ?? '',
    );
}

function CompareChildren({ runs }: { runs: readonly Run[] }) {
  if (runs.length < 2) return null;
  const ids = runs.slice(0, 100).map(({ info }) => info.run_id);
  return (
    <Link href={paths.compare(ids)} className={styles.compare}>
      Compare {ids.length === runs.length ? 'all' : `the latest ${ids.length}`}
    </Link>
  );
}

interface RowProps {
  run: Run;
  depth: number;
  metrics: readonly string[];
  params: readonly string[];
  /** Of the runs beside it. */
  color: string | undefined;
}

function ChildRow({ run, depth, metrics, params, color }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const { info, data } = run;
  const children = useChildren(info.experiment_id, info.run_id, isOpen);
  const colors = colorsOf(children.data?.runs ?? []);
  const metric = (key: string) => data.metrics?.find((one) => one.key === key)?.value;
  const name = runFacts(run).name || info.run_id;
  return (
    <>
      <tr data-run={info.run_id}>
        <th scope="row" className={styles.name}>
          <span style={{ paddingLeft: depth * 20 }}>
            <IconButton
              icon={isOpen ? 'chevronDown' : 'chevronRight'}
              label={`Children of ${name}`}
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            />
            <i style={{ background: color ?? runColor(info.run_id, tagsOf(run).get(COLOR_TAG)) }} />
            <Link href={paths.run(info.run_id)} title={name}>
              {name}
            </Link>
          </span>
        </th>
        <td>
          <Status status={info.status} />
        </td>
        <td>{info.start_time !== undefined && <Time at={info.start_time} />}</td>
        <td className="number">
          {info.start_time !== undefined &&
            info.end_time !== undefined &&
            duration(info.end_time - info.start_time)}
        </td>
        {metrics.map((key) => {
          const value = metric(key);
          return (
            <td key={`m ${key}`} className="number">
              {value !== undefined && <Num value={number(value)} />}
            </td>
          );
        })}
        {params.map((key) => {
          const value = data.params?.find((one) => one.key === key)?.value;
          return (
            <td key={`p ${key}`} title={value} className={styles.param}>
              {value}
            </td>
          );
        })}
      </tr>
      {isOpen && children.data?.runs.length === 0 && (
        <tr>
          <td colSpan={4 + metrics.length + params.length} className={styles.none}>
            {name} has no children.
          </td>
        </tr>
      )}
      {isOpen && children.error && (
        <tr>
          <td colSpan={4 + metrics.length + params.length}>
            <Button onClick={() => void children.refetch()}>Its children could not be read. Try again</Button>
          </td>
        </tr>
      )}
      {isOpen &&
        // A run may name a descendant as its parent: each level is opened by hand, so a circle ends.
        children.data?.runs.map((child) => (
          <ChildRow
            key={child.info.run_id}
            run={child}
            depth={depth + 1}
            metrics={metrics}
            params={params}
            color={colors.get(child.info.run_id)}
          />
        ))}
    </>
  );
}
