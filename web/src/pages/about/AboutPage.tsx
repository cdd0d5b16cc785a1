import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useBootstrap } from '../../api/useBootstrap';
import { useBreadcrumb } from '../../app/breadcrumb';
import { Button } from '../../design/Button';
import { ErrorNote, Skeleton } from '../../design/States';
import { CopyButton } from '../../design/Values';
import styles from './AboutPage.module.css';

const Licences = lazy(() => import('./Licences'));

const DATABASES = { sqlite: 'SQLite', postgresql: 'PostgreSQL' } as const;

/** Which server this is. */
export default function AboutPage() {
  useBreadcrumb([{ label: 'About' }]);
  const { data, error, refetch } = useBootstrap();
  const [showsLicences, setShowsLicences] = useState(false);
  const address = new URL('.', document.baseURI).href.replace(/\/$/, '');
  return (
    <div className={styles.page}>
      <h1>About Oxflow</h1>
      <p className={styles.note}>
        MLflow’s tracking server in one binary: unchanged clients, the same database, the same REST API.
      </p>
      {error && !data ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={5} />
      ) : (
        <dl className={styles.facts}>
          <Fact name="Version">{data.version}</Fact>
          <Fact name="API and database of">MLflow {data.mlflow_version}</Fact>
          <Fact name="Address for clients" copied={address}>
            <code>{address}</code>
          </Fact>
          <Fact name="Database">{DATABASES[data.database] ?? data.database}</Fact>
          <Fact name="New artifacts go to" copied={data.default_artifact_root}>
            <code>{data.default_artifact_root}</code>
          </Fact>
          <Fact name="Artifacts">
            {data.serves_artifacts ? 'Pass through this server' : 'Clients read and write them themselves'}
          </Fact>
          <Fact name="User">
            {data.user ?? (data.authentication ? 'Not logged in' : 'Anybody: this server asks for no login')}
          </Fact>
        </dl>
      )}
      <section className={styles.section}>
        <h2>Documentation</h2>
        <ul className={styles.links}>
          <li>
            <External href="https://mlflow.org/docs/latest/ml/tracking/">
              Tracking with MLflow’s client
            </External>
          </li>
          <li>
            <External href="https://mlflow.org/docs/latest/api_reference/rest-api.html">
              MLflow’s REST API
            </External>
          </li>
          <li>
            On the command line: <code>oxflow --help</code>, <code>oxflow server --help</code>
          </li>
        </ul>
      </section>
      <section className={styles.section}>
        <h2>Licences</h2>
        <p className={styles.note}>
          Oxflow is under the Apache License 2.0. Its pages contain the work of others:
        </p>
        {showsLicences ? (
          <Suspense fallback={<Skeleton lines={8} />}>
            <Licences />
          </Suspense>
        ) : (
          <Button onClick={() => setShowsLicences(true)}>Show their licences</Button>
        )}
      </section>
    </div>
  );
}

function Fact({ name, copied, children }: { name: string; copied?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {copied && <CopyButton text={copied} label={`Copy: ${name.toLowerCase()}`} />}
      </dd>
    </div>
  );
}

function External({ href, children }: { href: string; children: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
