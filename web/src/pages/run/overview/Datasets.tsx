import { useState } from 'react';
import type { DatasetInput } from '../../../api/mlflow';
import { Dialog } from '../../../design/Dialog';
import { Badge, CopyButton } from '../../../design/Values';
import styles from './Datasets.module.css';
import { profileEntries, sourceText } from './dataset';
import { schemaColumns } from '../../../format/schema';
import { Section } from './Section';

/** The data that the run used. */
export function Datasets({ inputs }: { inputs: readonly DatasetInput[] }) {
  const [shown, setShown] = useState<DatasetInput | null>(null);
  if (inputs.length === 0) return null;
  return (
    <Section title="Datasets" count={inputs.length}>
      <ul className={styles.list}>
        {inputs.map((input, i) => {
          const { dataset } = input;
          const source = sourceText(dataset.source);
          return (
            <li key={i} className={styles.item}>
              <div className={styles.line}>
                <button type="button" className={styles.name} onClick={() => setShown(input)}>
                  {dataset.name}
                </button>
                <span className="mono">{dataset.digest}</span>
                {contextOf(input) && <Badge>{contextOf(input)}</Badge>}
              </div>
              <p className={styles.detail} title={source}>
                {[
                  source || dataset.source_type,
                  ...profileEntries(dataset.profile).map((one) => one.join(' ')),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
            </li>
          );
        })}
      </ul>
      {shown && <DatasetDialog input={shown} onClose={() => setShown(null)} />}
    </Section>
  );
}

const contextOf = ({ tags }: DatasetInput) =>
  tags?.find(({ key }) => key === 'mlflow.data.context')?.value ?? null;

function DatasetDialog({ input, onClose }: { input: DatasetInput; onClose: () => void }) {
  const { dataset } = input;
  const columns = schemaColumns(dataset.schema);
  return (
    <Dialog title={dataset.name} width="wide" onClose={onClose}>
      <dl className={styles.facts}>
        <dt>Digest</dt>
        <dd>
          <span className="mono">{dataset.digest}</span>
          <CopyButton text={dataset.digest} label="Copy the digest" />
        </dd>
        <dt>Source</dt>
        <dd>{dataset.source_type}</dd>
        <dt />
        <dd className="mono">{dataset.source}</dd>
        {contextOf(input) && (
          <>
            <dt>Context</dt>
            <dd>{contextOf(input)}</dd>
          </>
        )}
        {profileEntries(dataset.profile).map(([key, value]) => (
          <div key={key} className={styles.pair}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {columns ? (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Schema">
          <table className={styles.schema}>
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">Type</th>
                <th scope="col">Required</th>
              </tr>
            </thead>
            <tbody>
              {columns.map((one, i) => (
                <tr key={i}>
                  <td>{one.name}</td>
                  <td className="mono">{one.type}</td>
                  <td>{one.isRequired === null ? '' : one.isRequired ? 'yes' : 'no'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        dataset.schema && <pre className={styles.raw}>{dataset.schema}</pre>
      )}
    </Dialog>
  );
}
