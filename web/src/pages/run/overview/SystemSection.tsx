import type { Run } from '../../../api/mlflow';
import { byKey } from '../../../format/order';
import { Section } from './Section';
import { systemValue } from './systemMetrics';
import styles from './SystemSection.module.css';

/** What the machine of the run last did. */
export function SystemSection({ run }: { run: Run }) {
  const metrics = (run.data.metrics ?? []).filter(({ key }) => key.startsWith('system/')).sort(byKey);
  if (metrics.length === 0) return null;
  return (
    <Section title="System">
      <dl className={styles.values}>
        {metrics.map((metric) => {
          const { name, value } = systemValue(metric);
          return (
            <div key={metric.key} title={metric.key}>
              <dt>{name}</dt>
              <dd className="number">{value}</dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}
