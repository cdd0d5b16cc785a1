import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ROW_HEIGHT, useDensity } from '../../../app/density';
import { LiveState } from '../../../app/LiveState';
import { useShortcut } from '../../../app/shortcuts';
import { useStored } from '../../../app/stored';
import { Button, IconButton } from '../../../design/Button';
import { announce } from '../../../design/announce';
import { ErrorNote, Skeleton } from '../../../design/States';
import { grouped } from '../../../format/number';
import { useRunList } from '../../../runs/runList';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import { useBars } from '../grid/bars';
import { type GridHandle, RunsGrid } from '../grid/RunsGrid';
import { NewRuns } from '../live/NewRuns';
import { useLive } from '../live/useLive';
import { ViewsMenu } from '../views/ViewsMenu';
import { Footer } from './Footer';
import { gridColumns, moved, widthsStore } from './gridColumns';
import { GridMenu, type OpenMenu } from './GridMenu';
import { Nothing } from './Nothing';
import styles from './RunsTab.module.css';
import { filterError, Toolbar } from './Toolbar';
import { Seen } from './seen';
import { useChartColors } from './useChartColors';
import { useHeaderCommands } from './useHeaderCommands';
import { useRowCommands } from './useRowCommands';
import { useSelected } from './useSelected';
import { useTable } from './useTable';

const NewRunDialog = lazy(() => import('./NewRunDialog'));
const ExportDialog = lazy(() => import('../bulk/ExportDialog'));

interface Props {
  experimentIds: readonly string[];
  experimentNames: ReadonlyMap<string, string>;
  state: RunsState;
  patch: Patch<RunsState>;
}

/** The runs of one or several experiments as a table. */
export default function RunsTab({ experimentIds, experimentNames, state, patch }: Props) {
  // What "the last hour" means, and which answers are too old: both move when the reader asks for what is new.
  const [asked, setAsked] = useState(() => ({ now: Date.now(), epoch: 0 }));
  const refresh = useCallback(() => setAsked(({ epoch }) => ({ now: Date.now(), epoch: epoch + 1 })), []);
  const table = useTable(experimentIds, state, asked.now, asked.epoch);
  const { rows, pinned, selection } = table;
  const store = rows?.store;
  const selected = useSelected(state, patch, selection);
  const colors = useChartColors(store, pinned);
  const bars = useBars(selection, table.wire, asked.epoch);
  const density = useDensity();
  const widths = useStored(widthsStore);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [isExporting, setExporting] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const [seen] = useState(() => new Seen());
  const grid = useRef<GridHandle>(null);

  useRunList(() => {
    const order = store?.order() ?? [];
    return [...pinned.map((row) => row.id).filter((id) => !order.includes(id)), ...order];
  });

  const isGrouped = state.group.length > 0;
  const columns = useMemo(
    () => gridColumns(table.columns, state.fix, widths, isGrouped),
    [table.columns, state.fix, widths, isGrouped],
  );
  const resize = useCallback((column: string, width: number) => {
    widthsStore.set({ ...widthsStore.get(), [column]: Math.round(width) });
  }, []);
  const move = (column: string, before: string | null) => {
    if (state.fix.includes(column)) patch({ fix: moved(state.fix, column, before) }, { replace: true });
    else patch({ cols: moved(table.columns, column, before) }, { replace: true });
  };
  const onHeader = useHeaderCommands({
    state,
    patch,
    columns: table.columns,
    resize,
    move,
    openMenu: setMenu,
  });
  const onCommand = useRowCommands({ state, patch, store, selected, openMenu: setMenu });

  const difference = useLive(experimentIds, store, refresh);
  const { total } = table;
  const isReady = store?.isReady ?? false;
  const target = {
    ids: selected.isAll ? null : selected.ids,
    question: selection,
    count: selected.isAll ? total : selected.ids.length,
  };
  useEffect(() => {
    if (isReady) announce(`${grouped(total)} runs match`);
  }, [isReady, total]);

  // Another question begins at its top.
  const questionKey = JSON.stringify([selection, state.sort, state.group]);
  useEffect(() => {
    grid.current?.scrollToTop();
  }, [questionKey]);

  useShortcut(['j', 'ArrowDown'], 'To the rows of the table', () => grid.current?.focus());
  useShortcut('n', 'New run', () => setCreating(true));
  useShortcut('r', 'Read the table again', refresh);
  useShortcut('Escape', 'Clear the selection', selected.clear, {
    when: selected.isAll || selected.ids.length > 0,
  });

  if (!store) return table.keys.isError ? <ErrorNote error={table.keys.error} /> : <Skeleton lines={12} />;
  return (
    <div className={styles.tab}>
      <Toolbar state={state} patch={patch} table={table} experimentIds={experimentIds} onRefresh={refresh}>
        {experimentIds.length === 1 && experimentIds[0] && (
          <ViewsMenu experimentId={experimentIds[0]} tab="runs" />
        )}
        <IconButton icon="download" label="Export these runs" onClick={() => setExporting(true)} />
        <Button icon="plus" onClick={() => setCreating(true)}>
          New run
        </Button>
      </Toolbar>
      {rows.error !== null && !filterError(rows.error) && (
        <ErrorNote error={rows.error} onRetry={rows.retry} />
      )}
      <div className={styles.area}>
        {!isReady ? (
          rows.error === null && <Skeleton lines={12} />
        ) : store.count === 0 && pinned.length === 0 ? (
          <Nothing state={state} patch={patch} experimentIds={experimentIds} />
        ) : (
          <RunsGrid
            ref={grid}
            label="Runs"
            store={store}
            version={store.version()}
            pinned={pinned}
            columns={columns}
            sort={state.sort}
            rowHeight={ROW_HEIGHT[density]}
            isDimmed={rows.isOld}
            hasTree={(table.isNested && !table.keys.isPending) || state.group.length > 0}
            bars={bars}
            colors={colors}
            groupShow={state.show}
            experimentNames={experimentNames}
            isSelected={selected.has}
            isHidden={(id) => state.hide.includes(id)}
            isPinned={(id) => state.pin.includes(id)}
            allSelected={selected.isAll ? true : selected.ids.length > 0 ? null : false}
            onSelectAll={() =>
              selected.isAll || selected.ids.length ? selected.clear() : selected.selectAll()
            }
            onCommand={onCommand}
            onHeader={onHeader}
            onResize={resize}
            onMove={move}
            onSee={seen.set}
          />
        )}
        {!rows.isOld && <NewRuns difference={difference} onShow={refresh} />}
      </div>
      <Footer
        state={state}
        patch={patch}
        store={store}
        seen={seen}
        selected={selected}
        target={target}
        total={total}
        isOld={rows.isOld}
        onExport={() => setExporting(true)}
        onDone={refresh}
      >
        <LiveState />
      </Footer>
      <Suspense>
        {isCreating && (
          <NewRunDialog
            experimentIds={experimentIds}
            experimentNames={experimentNames}
            onClose={() => setCreating(false)}
          />
        )}
        {isExporting && (
          <ExportDialog
            target={target.count > 0 ? target : { ids: null, question: selection, count: total }}
            columns={[...state.fix, ...table.columns]}
            keys={table.keys.data}
            sort={state.sort}
            fileName={experimentNames.get(experimentIds[0] ?? '')?.replace(/\W+/g, '-') ?? 'runs'}
            onClose={() => setExporting(false)}
          />
        )}
      </Suspense>
      {menu && (
        <GridMenu
          {...menu}
          onClose={() => {
            setMenu(null);
            grid.current?.focus();
          }}
        />
      )}
    </div>
  );
}
