import { useRef } from 'react';
import { useLocation } from 'wouter';
import type { Column } from '../../../api/types';
import { paths } from '../../../app/paths';
import { announce } from '../../../design/announce';
import type { MenuItem } from '../../../design/Menu';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { copy } from '../../../design/Values';
import { comparisonAddress } from '../../../runs/comparison';
import { columnLabel, partsOf } from '../../../runs/columns';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import { equals } from '../filter/clauses';
import { cellText } from '../grid/cellText';
import type { RowCommand } from '../grid/keys';
import type { RowStore } from '../rows/RowStore';
import type { Row, RunRow } from '../rows/rowTree';
import type { OpenMenu } from './GridMenu';
import { MOST_IDS, type Selected } from './useSelected';

interface Context {
  state: RunsState;
  patch: Patch<RunsState>;
  store: RowStore | undefined;
  selected: Selected;
  openMenu: (menu: OpenMenu) => void;
}

/** What a press or key on a row does. */
export function useRowCommands({ state, patch, store, selected, openMenu }: Context) {
  const [, navigate] = useLocation();
  // Where a range begins.
  const anchor = useRef<number | null>(null);

  const toggle = (list: readonly string[], id: string) =>
    list.includes(id) ? list.filter((one) => one !== id) : [...list, id];

  const select = (row: RunRow, at: number) => {
    if (selected.isAll) {
      toast('All matching runs are selected. Change the filter to leave some out, or clear the selection.');
      return;
    }
    anchor.current = at;
    selected.set(toggle(selected.ids, row.id));
  };

  const selectRange = async (row: RunRow, at: number) => {
    const from = anchor.current;
    if (from === null || at < 0 || selected.isAll || !store) return select(row, at);
    if (Math.abs(at - from) >= MOST_IDS * 10) {
      toast('That range is too long: select all matching runs, and filter.', { kind: 'failed' });
      return;
    }
    try {
      const ids = await store.idsBetween(from, at);
      selected.set([...new Set([...selected.ids, ...ids])]);
      announce(`${ids.length} runs selected`);
    } catch (error) {
      toast(`The range was not selected: ${inWords(error).detail}`, { kind: 'failed' });
    }
  };

  const compare = async (ids: readonly string[]) => navigate(await comparisonAddress({ ids, view: 'all' }));

  const run = (command: RowCommand, row: Row, at: number, column: Column, anchorId: string) => {
    if (command === 'clear') return selected.clear();
    if (command === 'selectAll') return selected.selectAll();
    if (row.kind !== 'run') return;
    switch (command) {
      case 'select':
        return select(row, at);
      case 'selectRange':
        return void selectRange(row, at);
      case 'open':
        return navigate(paths.run(row.id));
      case 'openInTab':
        window.open(new URL(paths.run(row.id).slice(1), document.baseURI), '_blank', 'noopener');
        return;
      case 'compare':
        return void compare(selected.ids.length > 1 ? selected.ids : [...new Set([...selected.ids, row.id])]);
      case 'pin':
        return patch({ pin: toggle(state.pin, row.id) }, { replace: true });
      case 'hide':
        return patch({ hide: toggle(state.hide, row.id) }, { replace: true });
      case 'copy':
        return copyCell(row, column);
      case 'menu':
        return openMenu({ anchorId, label: 'Run', items: items(row, at, column) });
    }
  };

  function items(row: RunRow, at: number, column: Column): MenuItem[] {
    const again = (command: RowCommand) => () => run(command, row, at, column, '');
    const clause = equals(column, row.cells[column]);
    return [
      { label: 'Open', shortcut: 'Enter', onSelect: again('open') },
      { label: 'Open in a new tab', shortcut: 'o', icon: 'link', onSelect: again('openInTab') },
      {
        label: selected.has(row.id) ? 'Do not select' : 'Select',
        shortcut: 'x',
        icon: 'check',
        onSelect: again('select'),
      },
      { label: 'Compare with the selected', shortcut: 'c', icon: 'compare', onSelect: again('compare') },
      {
        label: state.pin.includes(row.id) ? 'Unpin' : 'Pin to the top',
        shortcut: 'p',
        icon: 'pin',
        onSelect: again('pin'),
      },
      {
        label: state.hide.includes(row.id) ? 'Show in charts' : 'Hide in charts',
        shortcut: 'h',
        icon: state.hide.includes(row.id) ? 'eye' : 'eyeOff',
        onSelect: again('hide'),
      },
      {
        label: `Copy ${columnLabel(column).toLowerCase()}`.slice(0, 40),
        icon: 'copy',
        startsGroup: true,
        isDisabled: !cellText(column, row.cells[column]).whole,
        onSelect: again('copy'),
      },
      { label: 'Copy the run ID', icon: 'copy', onSelect: () => copyText(row.id) },
      ...(clause
        ? [
            {
              label: 'Only runs with this value',
              icon: 'filter' as const,
              startsGroup: true,
              onSelect: () => patch({ q: state.q ? `${state.q} AND ${clause}` : clause }),
            },
          ]
        : []),
    ];
  }

  return run;
}

function copyCell(row: RunRow, column: Column) {
  const { kind } = partsOf(column);
  const text =
    kind === 'source'
      ? String(row.cells['tag.mlflow.source.git.commit'] ?? '')
      : cellText(column, row.cells[column]).whole;
  copyText(text || row.id);
}

function copyText(text: string) {
  void copy(text).then(() => announce('Copied'));
}
