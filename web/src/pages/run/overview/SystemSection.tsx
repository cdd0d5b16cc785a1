import type { Run } from '../../../api/mlflow';
import { byKey } from '../../../format/order';
import { Section } from './Section';
import { systemLines } from './systemMetrics';
import styles from './SystemSection.module.css';

/** What the machine of the run last did. */
export function SystemSection({ run }: { run: Run }) {
  const metrics = (run.data.metrics ?? []).filter(({ key }) => key.startsWith('system/')).sort(byKey);
  if (metrics.length === 0) return null;
  return (
    <Section title="System">
      <dl className={styles.values}>
        {systemLines(metrics).map(({ name, values, keys }) => (
          <div key={name} title={keys.join('\n')}>
            <dt>{name}</dt>
            <dd className="number">{values.join(' · ')}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
