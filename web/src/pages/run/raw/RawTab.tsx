import type { Run } from '../../../api/mlflow';
import { CopyButton } from '../../../design/Values';
import { curlOfRun, pythonOfRun, serverAddress } from '../snippets';
import styles from './RawTab.module.css';

/** The run as the server says it, and how programs get it. */
export default function RawTab({ run }: { run: Run }) {
  const server = serverAddress();
  return (
    <div className={styles.page}>
      <Snippet title="Python" code={pythonOfRun(server, run.info.run_id)} />
      <Snippet title="curl" code={curlOfRun(server, run.info.run_id)} />
      <Snippet title="JSON" code={JSON.stringify(run, null, 2)} />
    </div>
  );
}

function Snippet({ title, code }: { title: string; code: string }) {
  return (
    <section aria-label={title} className={styles.snippet}>
      <header>
        <h2>{title}</h2>
        <CopyButton text={code} label={`Copy the ${title}`} />
      </header>
      <pre tabIndex={0} aria-label={title}>
        {code}
      </pre>
    </section>
  );
}
