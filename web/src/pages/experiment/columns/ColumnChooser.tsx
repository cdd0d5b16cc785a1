import { useId, useMemo, useState } from 'react';
import type { Column, RunsKeys } from '../../../api/types';
import { Button } from '../../../design/Button';
import { Popover } from '../../../design/Popover';
import { differingColumns } from '../../../runs/defaultColumns';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import styles from './Columns.module.css';
import { columnSections } from './entries';
import { EntryList } from './EntryList';

/** So many columns that differ are shown at once; more are of no use. */
const MOST_DIFFERING = 40;

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  keys: RunsKeys | undefined;
  /** The columns that are shown. */
  columns: readonly Column[];
}

/** Which columns the table has. */
export function ColumnChooser({ state, patch, keys, columns }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const close = () => {
    setOpen(false);
    document.getElementById(id)?.focus();
  };
  return (
    <>
      <Button
        id={id}
        icon="columns"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Columns
      </Button>
      {isOpen && (
        <Popover anchorId={id} onClose={close} align="end">
          <Chooser state={state} patch={patch} keys={keys} columns={columns} />
        </Popover>
      )}
    </>
  );
}

function Chooser({ state, patch, keys, columns }: Props) {
  const sections = useMemo(() => columnSections(keys), [keys]);
  const chosen = new Set([...columns, ...state.fix]);
  const toggle = (column: Column) =>
    patch(
      chosen.has(column)
        ? {
            cols: columns.filter((one) => one !== column),
            fix: state.fix.filter((one) => one !== column),
          }
        : { cols: [...columns, column] },
      { replace: true },
    );
  const attributes = columns.filter((column) => !/^(?:metric|param|tag)/.test(column));
  return (
    <div role="dialog" aria-label="Columns" className={styles.panel}>
      <EntryList
        label="Search columns"
        sections={sections}
        isChosen={(column) => chosen.has(column)}
        onToggle={toggle}
        hasVariants
      />
      <div className={styles.actions}>
        <Button
          disabled={!keys}
          title="Only the metrics and params in which these runs differ"
          onClick={() =>
            keys &&
            patch(
              { cols: [...attributes, ...differingColumns(keys).slice(0, MOST_DIFFERING)] },
              { replace: true },
            )
          }
        >
          Only differing
        </Button>
        <Button kind="quiet" onClick={() => patch({ cols: null, fix: [] }, { replace: true })}>
          Default
        </Button>
        <Button kind="quiet" onClick={() => patch({ cols: [], fix: [] }, { replace: true })}>
          None
        </Button>
        <span className={styles.chosen}>{chosen.size} shown</span>
      </div>
    </div>
  );
}
