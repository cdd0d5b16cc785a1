import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useBreadcrumb } from '../../app/breadcrumb';
import { useStarred } from '../../app/opened';
import { useShortcut } from '../../app/shortcuts';
import { announce } from '../../design/announce';
import { Button } from '../../design/Button';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { usePageState } from '../../url/usePageState';
import { ExperimentActions } from './actions';
import type { Opened } from './ExperimentDialogs';
import { ExperimentsGrid } from './ExperimentsGrid';
import { changed, experimentsSchema, toggledFolder } from './experimentsState';
import { FirstSteps } from './FirstSteps';
import { Footer } from './Footer';
import styles from './ExperimentsPage.module.css';
import type { RowAction } from './RowMenu';
import { useSelection } from './selection';
import { Toolbar } from './Toolbar';
import type { ExperimentRow } from './tree';
import { useRows } from './useExperiments';

const ExperimentDialogs = lazy(() => import('./ExperimentDialogs'));

/** The first page: every experiment, in folders, with what goes on in it. */
export default function ExperimentsPage() {
  useBreadcrumb([{ label: 'Experiments' }]);
  const [state, patchState] = usePageState(experimentsSchema);
  const patch: typeof patchState = (change, options) =>
    patchState((now) => changed(now, typeof change === 'function' ? change(now) : change), options);
  const { all, found, rows, words, isFiltered, error, refetch, isOld } = useRows(state);
  const selection = useSelection(rows);
  const starred = useStarred();
  const starredIds = useMemo(() => new Set(starred.map((one) => one.id)), [starred]);
  const queries = useQueryClient();
  const actions = useMemo(() => new ExperimentActions(queries), [queries]);
  const [opened, setOpened] = useState<Opened>(null);
  const filter = useRef<HTMLInputElement>(null);
  const { tag, flat, view } = state;

  const chosen = useMemo(
    () => (all ?? []).filter((one) => selection.ids.has(one.experiment_id)),
    [all, selection.ids],
  );
  useShortcut('/', 'Filter', () => filter.current?.select());
  useShortcut('n', 'New experiment', () => create());
  useShortcut('Escape', 'Clear the selection', selection.clear, { when: chosen.length > 0 });
  useEffect(() => {
    if (isFiltered) announce(`${found.length} experiments found`);
  }, [isFiltered, found.length]);

  const create = (folder = '') => setOpened({ dialog: 'create', folder });
  const onAction = (action: RowAction, { experiment }: ExperimentRow) => {
    if (action === 'delete') void actions.delete([experiment]);
    else if (action === 'restore') void actions.restore([experiment]);
    else setOpened({ dialog: action, ids: [experiment.experiment_id] });
  };
  const isEmpty = all?.length === 0 && view === 'active';
  const isFirst = isEmpty || (all?.length === 1 && all[0]?.experiment_id === '0' && all[0].runs === 0);

  return (
    <div className={styles.page}>
      <h1 className="unseen">Experiments</h1>
      <Toolbar
        state={state}
        patch={patch}
        experiments={all ?? []}
        hasFolders={(all ?? []).some((one) => one.name.includes('/'))}
        filterRef={filter}
        onCreate={() => create()}
        onLeave={focusFirstRow}
      />
      <div className={styles.content}>
        {error && !all ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : !all ? (
          <Skeleton lines={12} label="Loading the experiments" />
        ) : isFirst && !isFiltered ? (
          <FirstSteps isEmpty={isEmpty} onCreate={() => create()} />
        ) : rows.length === 0 ? (
          <Empty icon="search" title={isFiltered ? 'No experiment matches' : `No ${view} experiments`}>
            {isFiltered && (
              <Button onClick={() => patch({ q: '', tag: [] })}>
                Show all {all.length.toLocaleString('en-US')}
              </Button>
            )}
          </Empty>
        ) : (
          <ExperimentsGrid
            rows={rows}
            isTree={!flat}
            isOld={isOld}
            sort={state.sort}
            onSort={(sort) => patch({ sort })}
            selection={selection}
            words={words}
            starred={starredIds}
            onCreate={create}
            onAction={onAction}
            onTag={(one) => tag.includes(one) || patch({ tag: [...tag, one] })}
            onToggleFolder={(path) => patch((now) => toggledFolder(now, path, isFiltered))}
          />
        )}
      </div>
      <Footer
        found={found}
        total={all?.length ?? 0}
        chosen={chosen}
        onTag={() => setOpened({ dialog: 'tags', ids: chosen.map((one) => one.experiment_id) })}
        onDelete={(meant) => {
          selection.clear();
          void actions.delete(meant);
        }}
        onRestore={(meant) => {
          selection.clear();
          void actions.restore(meant);
        }}
        onPurge={(meant) => setOpened({ dialog: 'purge', ids: meant.map((one) => one.experiment_id) })}
        onClear={selection.clear}
      />
      <Suspense>
        {opened && (
          <ExperimentDialogs
            opened={opened}
            experiments={all ?? []}
            actions={actions}
            onClose={() => setOpened(null)}
          />
        )}
      </Suspense>
    </div>
  );
}

function focusFirstRow() {
  document.querySelector<HTMLElement>('[data-scroll=experiments] [role=row][tabindex="0"]')?.focus();
}
