import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { BulkOperation } from '../../../api/types';
import { Button, IconButton } from '../../../design/Button';
import { Menu } from '../../../design/Menu';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { grouped } from '../../../format/number';
import { comparisonAddress } from '../../../runs/comparison';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import styles from '../runs/RunsTab.module.css';
import type { Selected } from '../runs/useSelected';
import type { BulkQuestion } from './BulkDialog';
import { named, partsOf, runBulk, runsOf, type Target } from './runBulk';

const BulkDialog = lazy(() => import('./BulkDialog'));
const PurgeRuns = lazy(() => import('./PurgeRuns'));

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  selected: Selected;
  target: Target;
  /** How many match in all. */
  total: number;
  onExport: () => void;
  onDone: () => void;
}

/** What can be done with the selected runs. */
export function BulkBar({ state, patch, selected, target, total, onExport, onDone }: Props) {
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<BulkQuestion | 'purge' | null>(null);
  const { ids } = target;

  const change = async (operation: BulkOperation, doing: string, done: string) => {
    setAsked(null);
    const changed = await runBulk(target, operation, `${doing} ${runsOf(target.count)}`);
    if (changed > 0) toast(`${done} ${runsOf(changed)}.`);
    onDone();
  };
  const remove = async () => {
    const victims = await named(target);
    const changed = await runBulk(victims, 'delete', `Deleting ${runsOf(target.count)}`);
    selected.clear();
    onDone();
    if (changed === 0) return;
    const undo = async () => {
      await runBulk(victims, 'restore', `Restoring ${runsOf(changed)}`);
      onDone();
    };
    toast(
      `Deleted ${runsOf(changed)}.`,
      victims.ids ? { action: { label: 'Undo', run: () => void undo() } } : {},
    );
  };
  const compare = async () => {
    try {
      navigate(await comparisonAddress(ids ? { ids, view: 'all' } : target.question));
    } catch (error) {
      toast(`The runs are not compared: ${inWords(error).detail}`, { kind: 'failed' });
    }
  };
  const union = (list: readonly string[]) => [...new Set([...list, ...(ids ?? [])])];
  const without = (list: readonly string[]) => list.filter((id) => !ids?.includes(id));
  const isDeleted = state.view === 'deleted';

  return (
    <>
      <div className={styles.bulk} role="group" aria-label="Selected runs">
        <strong className={styles.selected}>{grouped(target.count)} selected</strong>
        {!selected.isAll && target.count < total && (
          <button type="button" className={styles.all} onClick={selected.selectAll}>
            Select all {grouped(total)}
          </button>
        )}
        <Button icon="compare" onClick={() => void compare()} disabled={target.count < 2}>
          Compare
        </Button>
        {isDeleted ? (
          <>
            <Button icon="restore" onClick={() => void change('restore', 'Restoring', 'Restored')}>
              Restore
            </Button>
            <Button icon="trash" kind="danger" onClick={() => setAsked('purge')}>
              Delete for good…
            </Button>
          </>
        ) : (
          <Button
            icon="trash"
            kind="danger"
            onClick={() => (target.count > 20 ? setAsked('delete') : void remove())}
          >
            Delete
          </Button>
        )}
        <Menu
          label="More for the selected runs"
          button={(props) => (
            <Button {...props} icon="dots">
              More
            </Button>
          )}
          items={[
            { label: 'Add a tag…', icon: 'tag', onSelect: () => setAsked('tag') },
            { label: 'Remove a tag…', icon: 'minus', onSelect: () => setAsked('untag') },
            {
              label: 'Rename…',
              icon: 'edit',
              isDisabled: target.count !== 1,
              onSelect: () => setAsked('rename'),
            },
            { label: 'Colour…', icon: 'star', onSelect: () => setAsked('color') },
            {
              label: 'Pin to the top',
              icon: 'pin',
              startsGroup: true,
              isDisabled: !ids || ids.length > 20,
              onSelect: () => patch({ pin: union(state.pin) }, { replace: true }),
            },
            {
              label: 'Hide in charts',
              icon: 'eyeOff',
              isDisabled: !ids,
              onSelect: () => patch({ hide: union(state.hide) }, { replace: true }),
            },
            {
              label: 'Show in charts',
              icon: 'eye',
              isDisabled: !ids,
              onSelect: () => patch({ hide: without(state.hide) }, { replace: true }),
            },
            { label: 'Export…', icon: 'download', startsGroup: true, onSelect: onExport },
            ...(state.view === 'all'
              ? [
                  {
                    label: 'Restore those deleted',
                    icon: 'restore' as const,
                    onSelect: () => void change('restore', 'Restoring', 'Restored'),
                  },
                  {
                    label: 'Delete those deleted for good…',
                    icon: 'trash' as const,
                    isDangerous: true,
                    onSelect: () => setAsked('purge'),
                  },
                ]
              : []),
          ]}
        />
        <IconButton icon="close" label="Clear the selection (Escape)" onClick={selected.clear} />
      </div>
      <Suspense>
        {asked === 'purge' && (
          <PurgeRuns
            selections={partsOf(target)}
            selected={target.count}
            onClose={() => setAsked(null)}
            onStart={() => {
              setAsked(null);
              selected.clear();
            }}
            onDone={onDone}
          />
        )}
        {asked && asked !== 'purge' && (
          <BulkDialog
            question={asked}
            count={target.count}
            runId={ids?.[0] ?? null}
            onClose={() => setAsked(null)}
            onChange={(operation) => void change(operation, 'Changing', 'Changed')}
            onDelete={() => {
              setAsked(null);
              void remove();
            }}
          />
        )}
      </Suspense>
    </>
  );
}
