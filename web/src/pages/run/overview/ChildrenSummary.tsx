import { Link } from 'wouter';
import type { Run } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { Status, Time } from '../../../design/Values';
import { runFacts } from '../runFacts';
import { useChildren } from '../useRun';
import styles from './ChildrenSummary.module.css';
import { Section } from './Section';

const SHOWN = 6;

/** The latest children, and how all of them went. */
export function ChildrenSummary({ run }: { run: Run }) {
  const { data } = useChildren(run.info.experiment_id, run.info.run_id);
  if (!data || data.runs.length === 0) return null;
  const { runs } = data;
  const counts = new Map<Run['info']['status'], number>();
  for (const { info } of runs) counts.set(info.status, (counts.get(info.status) ?? 0) + 1);
  return (
    <Section
      title="Children"
      count={runs.length}
      tools={<Link href={paths.run(run.info.run_id, 'children')}>All children</Link>}
    >
      <p className={styles.counts}>
        {[...counts].map(([status, count]) => (
          <span key={status}>
            <Status status={status} /> {count}
          </span>
        ))}
      </p>
      <ul className={styles.list}>
        {runs.slice(0, SHOWN).map((child) => (
          <li key={child.info.run_id}>
            <Status status={child.info.status} isShort />
            <Link href={paths.run(child.info.run_id)}>{runFacts(child).name || child.info.run_id}</Link>
            {child.info.start_time !== undefined && <Time at={child.info.start_time} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}
