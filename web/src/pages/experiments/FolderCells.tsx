import { IconButton } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { Time } from '../../design/Values';
import { grouped } from '../../format/number';
import type { GridWidth } from './ExperimentCells';
import styles from './ExperimentsGrid.module.css';
import { Running } from './Running';
import type { FolderRow } from './tree';

interface Props {
  row: FolderRow;
  width: GridWidth;
  onToggle: () => void;
  onCreate: (folder: string) => void;
}

/** A folder: the counts of all experiments in it. */
export function FolderCells({ row, width, onToggle, onCreate }: Props) {
  const count = row.experiments.length;
  return (
    <>
      <span role="gridcell" className={styles.name} data-depth={Math.min(row.depth, 8)}>
        <button
          type="button"
          tabIndex={-1}
          className={styles.folder}
          aria-label={`${row.isOpen ? 'Close' : 'Open'} folder ${row.label}`}
          onClick={onToggle}
        >
          <Icon name={row.isOpen ? 'chevronDown' : 'chevronRight'} size={14} />
          <Icon name={row.isOpen ? 'folderOpen' : 'folder'} />
        </button>
        <span className={styles.label} title={row.path}>
          {row.label}
        </span>
        <span className={styles.faint}>{grouped(count)}</span>
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
        {row.activity !== null && <Time at={row.activity} />}
      </span>
      {width !== 'narrow' && (
        <>
          <span role="gridcell" />
          {width === 'wide' && <span role="gridcell" />}
        </>
      )}
      <span role="gridcell" className={styles.menu}>
        <IconButton
          icon="plus"
          label={`New experiment in ${row.path}`}
          tabIndex={-1}
          onClick={() => onCreate(`${row.path}/`)}
        />
      </span>
    </>
  );
}
