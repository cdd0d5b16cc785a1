import { useMemo } from 'react';
import { Icon } from '../../design/Icon';
import type { GridWidth } from './ExperimentCells';
import styles from './ExperimentsGrid.module.css';
import type { ExperimentSort, SortColumn } from './experimentsState';
import { idsOf, type Selection } from './selection';
import { type Row, startsDescending } from './tree';

interface Props {
  sort: ExperimentSort;
  onSort: (sort: ExperimentSort) => void;
  selection: Selection;
  rows: readonly Row[];
  width: GridWidth;
}

export function GridHeader({ sort, onSort, selection, rows, width }: Props) {
  const { ids } = selection;
  // Not again with each step of scrolling.
  const isAll = useMemo(() => rows.length > 0 && rows.flatMap(idsOf).every((id) => ids.has(id)), [rows, ids]);
  const heading = (column: SortColumn, label: string, isNumber = false) => (
    <Heading column={column} label={label} isNumber={isNumber} sort={sort} onSort={onSort} />
  );
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" aria-rowindex={1} className={styles.row}>
        <span role="columnheader" className={styles.check}>
          <input
            type="checkbox"
            aria-label="Select all"
            checked={isAll}
            ref={(input) => {
              if (input) input.indeterminate = !isAll && ids.size > 0;
            }}
            onChange={() => (isAll ? selection.clear() : selection.all(rows))}
          />
        </span>
        {heading('name', 'Name')}
        {heading('runs', 'Runs', true)}
        {width !== 'narrow' && heading('running', 'Running', true)}
        {heading('activity', width === 'narrow' ? 'Active' : 'Last activity', true)}
        {width !== 'narrow' && (
          <>
            <span role="columnheader">Tags</span>
            {width === 'wide' && <span role="columnheader">Note</span>}
          </>
        )}
        <span role="columnheader">
          <span className="unseen">Actions</span>
        </span>
      </div>
    </div>
  );
}

interface HeadingProps {
  column: SortColumn;
  label: string;
  isNumber: boolean;
  sort: ExperimentSort;
  onSort: (sort: ExperimentSort) => void;
}

function Heading({ column, label, isNumber, sort, onSort }: HeadingProps) {
  const isSorted = sort.column === column;
  const next = { column, descending: isSorted ? !sort.descending : startsDescending(column) };
  return (
    <span
      role="columnheader"
      className={isNumber ? styles.numeric : undefined}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className={styles.sort} onClick={() => onSort(next)}>
        {label}
        {isSorted && <Icon name={sort.descending ? 'arrowDown' : 'arrowUp'} size={12} />}
      </button>
    </span>
  );
}
