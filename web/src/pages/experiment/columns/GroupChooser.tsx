import { useId, useMemo, useState } from 'react';
import type { RunsKeys } from '../../../api/types';
import { Button, IconButton } from '../../../design/Button';
import { SelectField } from '../../../design/Field';
import { Popover } from '../../../design/Popover';
import { columnLabel } from '../../../runs/columns';
import type { GroupShow, RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import styles from './Columns.module.css';
import { groupSections } from './entries';
import { EntryList } from './EntryList';

const SHOWN: readonly { value: GroupShow; label: string }[] = [
  { value: 'mean', label: 'Mean ± standard deviation' },
  { value: 'stderr', label: 'Mean ± standard error' },
  { value: 'median', label: 'Median' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
];

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  keys: RunsKeys | undefined;
}

/** By what the runs are grouped, one inside the other. */
export function GroupChooser({ state, patch, keys }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const close = () => {
    setOpen(false);
    document.getElementById(id)?.focus();
  };
  const { group } = state;
  return (
    <>
      <Button
        id={id}
        icon="group"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className={group.length ? styles.active : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {group.length ? `Grouped by ${group.map(columnLabel).join(', ')}` : 'Group'}
      </Button>
      {isOpen && (
        <Popover anchorId={id} onClose={close} align="end">
          <Chooser state={state} patch={patch} keys={keys} />
        </Popover>
      )}
    </>
  );
}

function Chooser({ state, patch, keys }: Props) {
  const sections = useMemo(() => groupSections(keys), [keys]);
  const { group } = state;
  const toggle = (column: string) =>
    patch({ group: group.includes(column) ? group.filter((one) => one !== column) : [...group, column] });
  return (
    <div role="dialog" aria-label="Group runs" className={styles.panel}>
      {group.length > 0 && (
        <>
          <ol className={styles.levels} aria-label="Grouped by">
            {group.map((column, i) => (
              <li key={column}>
                <span>{columnLabel(column)}</span>
                {i > 0 && (
                  <IconButton
                    icon="arrowUp"
                    label={`Group by ${columnLabel(column)} before the other`}
                    onClick={() => {
                      const next = [...group];
                      next.splice(i - 1, 0, ...next.splice(i, 1));
                      patch({ group: next });
                    }}
                  />
                )}
                <IconButton
                  icon="close"
                  label={`Do not group by ${columnLabel(column)}`}
                  onClick={() => toggle(column)}
                />
              </li>
            ))}
          </ol>
          <SelectField
            label="Metrics of a group"
            value={state.show}
            options={SHOWN}
            onChange={(show) => patch({ show }, { replace: true })}
          />
        </>
      )}
      <EntryList
        label="Group by"
        sections={sections}
        isChosen={(column) => group.includes(column)}
        onToggle={toggle}
      />
    </div>
  );
}
