import type { ReactNode } from 'react';
import type { Run } from '../../../api/mlflow';
import { CodeBlock } from '../../../artifacts/CodeBlock';
import { JsonTree } from '../../../artifacts/JsonTree';
import { CopyButton } from '../../../design/Values';
import { curlOfRun, pythonOfRun } from '../snippets';
import { serverAddress } from '../../../app/base';
import styles from './RawTab.module.css';

/** The run as the server says it, and how programs get it. */
export default function RawTab({ run }: { run: Run }) {
  const server = serverAddress();
  return (
    <div className={styles.page}>
      <Part title="JSON">
        <div className={styles.tree}>
          <JsonTree
            value={run}
            label="The run as JSON"
            tools={<CopyButton text={JSON.stringify(run, null, 2)} label="Copy the JSON" />}
          />
        </div>
      </Part>
      <Part title="Python">
        <CodeBlock text={pythonOfRun(server, run.info.run_id)} language="python" label="Python" canCopy />
      </Part>
      <Part title="curl">
        <CodeBlock text={curlOfRun(server, run.info.run_id)} language="bash" label="curl" canCopy />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className={styles.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
