import { Link } from 'wouter';
import { toggleStar } from '../../app/opened';
import { paths } from '../../app/paths';
import { Highlight } from '../../design/Highlight';
import { Icon } from '../../design/Icon';
import { Badge, Time } from '../../design/Values';
import { grouped } from '../../format/number';
import styles from './ExperimentsGrid.module.css';
import { RowMenu, type RowAction } from './RowMenu';
import { Running } from './Running';
import { firstLine, noteOf, ownTags } from './tags';
import type { ExperimentRow } from './tree';

/** Which columns there is room for: all, all but the note, or the most needed. */
export type GridWidth = 'wide' | 'medium' | 'narrow';

interface Props {
  row: ExperimentRow;
  words: readonly string[];
  isStarred: boolean;
  width: GridWidth;
  onAction: (action: RowAction, row: ExperimentRow) => void;
  onTag: (tag: string) => void;
}

const CHIPS = 2;

export function ExperimentCells({ row, words, isStarred, width, onAction, onTag }: Props) {
  const { experiment } = row;
  const isDeleted = experiment.lifecycle_stage === 'deleted';
  const note = firstLine(noteOf(experiment));
  return (
    <>
      <span role="gridcell" className={styles.name} data-depth={Math.min(row.depth, 8)}>
        <button
          type="button"
          tabIndex={-1}
          className={styles.star}
          aria-pressed={isStarred}
          aria-label={`Star ${experiment.name}`}
          title={isStarred ? 'Take it from the starred ones' : 'Star: keep it in the navigation'}
          onClick={() => toggleStar({ id: experiment.experiment_id, name: experiment.name })}
        >
          <Icon name="star" size={14} />
        </button>
        <Link
          href={paths.experiment(experiment.experiment_id)}
          tabIndex={-1}
          className={styles.label}
          title={experiment.name}
        >
          <Highlight text={row.label} words={words} />
        </Link>
        {isDeleted && <Badge kind="warn">Deleted</Badge>}
      </span>
      <span role="gridcell" className={styles.numeric}>
        {grouped(row.runs)}
      </span>
      {width !== 'narrow' && (
        <span role="gridcell" className={styles.numeric}>
          <Running count={row.running} />
        </span>
      )}
      <span role="gridcell" className={styles.numeric}>
        {row.activity !== null ? <Time at={row.activity} /> : <span className={styles.faint}>–</span>}
      </span>
      {width !== 'narrow' && (
        <>
          <span role="gridcell" className={styles.tags}>
            <Tags row={row} onTag={onTag} />
          </span>
          {width === 'wide' && (
            <span role="gridcell" className={styles.note} title={note}>
              <Highlight text={note} words={words} />
            </span>
          )}
        </>
      )}
      <span role="gridcell" className={styles.menu}>
        <RowMenu row={row} onAction={onAction} />
      </span>
    </>
  );
}

/** The first tags as chips: a press filters by one. The others are told on hover. */
function Tags({ row, onTag }: { row: ExperimentRow; onTag: (tag: string) => void }) {
  const tags = ownTags(row.experiment);
  const rest = tags.slice(CHIPS);
  return (
    <>
      {tags.slice(0, CHIPS).map(([key, value]) => (
        <button
          key={key}
          type="button"
          tabIndex={-1}
          className={styles.chip}
          title={`Show those with ${key}: ${value}`}
          onClick={() => onTag(`${key}=${value}`)}
        >
          <span>{key}</span>
          {value && `: ${value}`}
        </button>
      ))}
      {rest.length > 0 && (
        <span className={styles.faint} title={rest.map(([key, value]) => `${key}: ${value}`).join('\n')}>
          +{rest.length}
        </span>
      )}
    </>
  );
}
