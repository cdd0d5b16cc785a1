import { type Ref, useId, useState } from 'react';
import type { ExperimentSummary, View } from '../../api/types';
import { Button, IconButton } from '../../design/Button';
import { SelectField, TextField } from '../../design/Field';
import { Icon } from '../../design/Icon';
import { Popover } from '../../design/Popover';
import type { Patch } from '../../url/usePageState';
import type { ExperimentsState } from './experimentsState';
import { TagPicker } from './TagPicker';
import styles from './Toolbar.module.css';

const VIEWS: readonly { value: View; label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'deleted', label: 'Deleted' },
  { value: 'all', label: 'All' },
];

interface Props {
  state: ExperimentsState;
  patch: Patch<ExperimentsState>;
  experiments: readonly ExperimentSummary[];
  hasFolders: boolean;
  filterRef: Ref<HTMLInputElement>;
  onCreate: () => void;
  /** From the filter down to what it found. */
  onLeave: () => void;
}

export function Toolbar({ state, patch, experiments, hasFolders, filterRef, onCreate, onLeave }: Props) {
  const tagsId = useId();
  const [isPicking, setPicking] = useState(false);
  const { q, tag, view, flat, fold } = state;
  return (
    <div className={styles.toolbar} role="search" aria-label="Experiments">
      <TextField
        ref={filterRef}
        label="Filter experiments"
        isLabelHidden
        icon="search"
        type="search"
        className={styles.filter ?? ''}
        placeholder="Filter by name or note"
        value={q}
        onChange={(event) => patch({ q: event.target.value }, { replace: true })}
        onKeyDown={(event) => {
          const isDone = event.key === 'Enter' || event.key === 'ArrowDown' || (event.key === 'Escape' && !q);
          if (isDone) {
            event.preventDefault();
            onLeave();
          } else if (event.key === 'Escape') {
            patch({ q: '' }, { replace: true });
          }
        }}
      />
      <SelectField
        label="State"
        isLabelHidden
        value={view}
        options={VIEWS}
        onChange={(next) => patch({ view: next })}
      />
      <Button id={tagsId} icon="tag" aria-expanded={isPicking} onClick={() => setPicking(!isPicking)}>
        Tags
      </Button>
      {isPicking && (
        <Popover anchorId={tagsId} onClose={() => setPicking(false)}>
          <TagPicker experiments={experiments} chosen={tag} onChoose={(next) => patch({ tag: next })} />
        </Popover>
      )}
      {tag.map((one) => (
        <button
          key={one}
          type="button"
          className={styles.chosen}
          aria-label={`Without the filter ${one}`}
          onClick={() => patch({ tag: tag.filter((other) => other !== one) })}
        >
          <span>{one.replace('=', ': ')}</span>
          <Icon name="close" size={12} />
        </button>
      ))}
      <span className={styles.space} />
      {hasFolders && (
        <>
          {!flat && !q.trim() && tag.length === 0 && (
            <IconButton
              icon={fold ? 'expand' : 'collapse'}
              label={fold ? 'Open all folders' : 'Close all folders'}
              onClick={() => patch({ fold: !fold, flip: [], shut: [] })}
            />
          )}
          <IconButton
            icon="folder"
            label="Folders by the slashes in names"
            isOn={!flat}
            onClick={() => patch({ flat: !flat })}
          />
        </>
      )}
      <Button kind="primary" icon="plus" onClick={onCreate}>
        <span>
          New<span className={styles.wide}> experiment</span>
        </span>
      </Button>
    </div>
  );
}
