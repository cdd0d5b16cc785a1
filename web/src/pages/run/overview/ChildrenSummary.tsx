import { Link } from 'wouter';
import type { Run } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { Status, Time } from '../../../design/Values';
import { useChildren, useRelations } from '../useRun';
import styles from './ChildrenSummary.module.css';
import { Section } from './Section';

const SHOWN = 6;

/** The latest children, and how all of them went. */
export function ChildrenSummary({ run }: { run: Run }) {
  const { experiment_id: experimentId, run_id: runId } = run.info;
  const { data: relations } = useRelations(runId);
  const { data } = useChildren(experimentId, runId, (relations?.children ?? 0) > 0);
  if (!data || data.runs.length === 0) return null;
  const children = data.runs.map(({ info }) => info);
  const counts = new Map<Run['info']['status'], number>();
  for (const { status } of children) counts.set(status, (counts.get(status) ?? 0) + 1);
  return (
    <Section
      title="Children"
      count={children.length}
      tools={<Link href={paths.run(runId, 'children')}>All children</Link>}
    >
      <p className={styles.counts}>
        {[...counts].map(([status, count]) => (
          <span key={status}>
            <Status status={status} /> {count}
          </span>
        ))}
      </p>
      <ul className={styles.list}>
        {children.slice(0, SHOWN).map(({ run_id: id, run_name: name, status, start_time: start }) => (
          <li key={id}>
            <Status status={status} isShort />
            <Link href={paths.run(id)}>{name || id}</Link>
            {start !== undefined && <Time at={start} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}
