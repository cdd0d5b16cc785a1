import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths';
import { ErrorNote, Skeleton } from '../design/States';
import { Badge, CopyButton } from '../design/Values';
import { bytes } from '../format/number';
import { pythonText, shellText } from '../format/code';
import { serverAddress } from '../app/base';
import { artifactBytes } from '../api/artifacts';
import { CodeBlock } from './CodeBlock';
import type { FileOfRun } from './kinds';
import { howToLoad, type ModelFacts, modelFacts } from './model';
import styles from './ModelCard.module.css';
import { Choice } from './Toolbar';

/** A model by its file MLmodel: what it takes and gives, and how to load it. */
export default function ModelCard({ file }: { file: FileOfRun }) {
  const folder = file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')));
  const { data, error, refetch } = useQuery({
    queryKey: ['get-artifact', file.runId, file.path, 'model', file.size],
    queryFn: async ({ signal }) => {
      const text = new TextDecoder().decode(await artifactBytes(file.runId, file.path, null, signal));
      const { parseYaml } = await import('./yaml');
      return { text, facts: modelFacts(parseYaml(text)) };
    },
    staleTime: Infinity,
    retry: false,
  });
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={8} />;
  const uri = data.facts.modelId
    ? `models:/${data.facts.modelId}`
    : ['runs:', file.runId, folder].filter(Boolean).join('/');
  return <Card facts={data.facts} text={data.text} uri={uri} runId={file.runId} folder={folder} />;
}

interface CardProps {
  facts: ModelFacts;
  text: string;
  uri: string;
  runId: string;
  folder: string;
}

function Card({ facts, text, uri, runId, folder }: CardProps) {
  const ways = useMemo(() => howToLoad(serverAddress(), uri, facts, pythonText, shellText), [uri, facts]);
  const [way, setWay] = useState('0');
  const chosen = ways[Number(way)];
  return (
    <section className={styles.card} aria-label="Model">
      <header className={styles.head}>
        <h2>Model</h2>
        {facts.flavors.map(({ name }) => (
          <Badge key={name} kind={name === 'python_function' ? 'plain' : 'accent'}>
            {name}
          </Badge>
        ))}
        <span className="mono">{uri}</span>
        <CopyButton text={uri} label="Copy the URI of the model" />
      </header>
      <dl className={styles.facts}>
        {(
          [
            ['Model id', facts.modelId],
            ['Size', facts.size === null ? null : bytes(facts.size)],
            ['MLflow', facts.mlflowVersion],
            ['Python', facts.pythonVersion],
            ['Logged', facts.created && `${facts.created.slice(0, 19)} UTC`],
          ] as const
        ).map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <Signature facts={facts} />
      <h3>How to load it</h3>
      <div className={styles.ways}>
        <Choice
          label="How to load it"
          value={way}
          options={ways.map(({ title }, i) => ({ value: String(i), label: title }))}
          onChange={setWay}
        />
      </div>
      {chosen && <CodeBlock text={chosen.code} language={chosen.language} label={chosen.title} canCopy />}
      {facts.files.length > 0 && (
        <>
          <h3>Files</h3>
          <ul className={styles.files}>
            {facts.files.map(({ role, path }) => (
              <li key={role + path}>
                <Link href={paths.artifact(runId, folder ? `${folder}/${path}` : path)}>{path}</Link>
                <span>{role}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <details className={styles.source}>
        <summary>MLmodel</summary>
        <CodeBlock text={text} language="yaml" label="MLmodel" canCopy />
      </details>
    </section>
  );
}

function Signature({ facts }: { facts: ModelFacts }) {
  const { inputs, outputs, params } = facts;
  if (inputs.length + outputs.length + params.length === 0) {
    return (
      <p className={styles.none}>
        No signature. With one, MLflow checks what the model is given: <code>infer_signature(X, y)</code>.
      </p>
    );
  }
  const columns = (title: string, list: ModelFacts['inputs']) =>
    list.length > 0 && (
      <Table
        title={`${title} (${list.length})`}
        head={['Name', 'Type']}
        rows={list.map((one) => [one.name, `${one.type}${one.isRequired === false ? ', optional' : ''}`])}
      />
    );
  return (
    <div className={styles.signature}>
      {columns('Inputs', inputs)}
      {columns('Outputs', outputs)}
      {params.length > 0 && (
        <Table
          title={`Params (${params.length})`}
          head={['Name', 'Type', 'Default']}
          rows={params.map((one) => [one.name, one.type, one.default])}
        />
      )}
    </div>
  );
}

function Table({
  title,
  head,
  rows,
}: {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}) {
  return (
    <div className={styles.table} tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j} className={j > 0 ? 'mono' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
