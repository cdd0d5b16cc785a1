import { memo } from 'react';
import { Link } from 'wouter';
import type { Cell, Column, DatasetRef, ModelRef, RunStatus } from '../../../api/types';
import { paths } from '../../../app/paths';
import { Icon } from '../../../design/Icon';
import { Badge, Status, Time } from '../../../design/Values';
import { SOURCE } from '../../../runs/columns';
import { cellText } from './cellText';
import styles from './Grid.module.css';

interface Props {
  column: Column;
  cells: Readonly<Record<Column, Cell>>;
  /** Names of experiments, where runs of several stand together. */
  experimentNames: ReadonlyMap<string, string>;
}

/** What a run has in a column. */
export const RunCell = memo(function RunCell({ column, cells, experimentNames }: Props) {
  if (column === SOURCE) return <Source cells={cells} />;
  const value = cells[column];
  // Not asked for yet.
  if (value === undefined) return null;
  if (value === null) return <span className={styles.none}>–</span>;
  switch (column) {
    case 'attribute.status':
      return <Status status={value as RunStatus} />;
    case 'attribute.start_time':
    case 'attribute.end_time':
      return <Time at={Number(value)} />;
    case 'attribute.run_id':
      return <span className="mono">{String(value)}</span>;
    case 'attribute.experiment_id': {
      const id = String(value);
      return (
        <Link href={paths.experiment(id)} tabIndex={-1}>
          {experimentNames.get(id) ?? id}
        </Link>
      );
    }
    case 'parent':
      return (
        <Link href={paths.run(String(value))} tabIndex={-1} className="mono">
          {String(value).slice(0, 8)}
        </Link>
      );
    case 'datasets':
      return <Datasets datasets={value as DatasetRef[]} />;
    case 'models':
      return <Models models={value as ModelRef[]} />;
    default: {
      const { text, whole } = cellText(column, value);
      return <span title={whole}>{text}</span>;
    }
  }
});

function Source({ cells }: { cells: Props['cells'] }) {
  const name = cells['tag.mlflow.source.name'];
  const commit = cells['tag.mlflow.source.git.commit'];
  if (!name && !commit) return <span className={styles.none}>–</span>;
  const file = String(name ?? '');
  return (
    <span
      className={styles.source}
      title={[file, commit && `commit ${String(commit)}`].filter(Boolean).join('\n')}
    >
      <span className={styles.ellipsis}>{file.slice(file.lastIndexOf('/') + 1)}</span>
      {commit && (
        <span className={styles.commit}>
          <Icon name="commit" size={12} />
          {String(commit).slice(0, 7)}
        </span>
      )}
    </span>
  );
}

function Datasets({ datasets }: { datasets: readonly DatasetRef[] }) {
  return datasets.map(({ name, digest, context }) => (
    <Badge key={`${name} ${digest}`} title={[`${name} (${digest})`, context].filter(Boolean).join(', ')}>
      {name}
    </Badge>
  ));
}

function Models({ models }: { models: readonly ModelRef[] }) {
  return models.map((model) => {
    const label = 'version' in model ? `${model.name} v${model.version}` : model.name;
    return (
      <Badge key={label} kind={'version' in model ? 'accent' : 'plain'} title={label}>
        {label}
      </Badge>
    );
  });
}
