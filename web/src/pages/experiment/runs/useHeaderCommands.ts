import type { Column } from '../../../api/types';
import type { MenuItem } from '../../../design/Menu';
import { copy } from '../../../design/Values';
import { partsOf } from '../../../runs/columns';
import type { RunsState } from '../../../runs/runsState';
import { only, pressed } from '../../../runs/sort';
import type { Patch } from '../../../url/usePageState';
import { type GridColumn, NAME } from '../grid/gridTypes';
import { NARROWEST, WIDEST } from '../grid/HeaderCell';
import type { HeaderCommand } from '../grid/keys';
import type { OpenMenu } from './GridMenu';

const WIDER = 24;

interface Context {
  state: RunsState;
  patch: Patch<RunsState>;
  /** The columns that are shown, but for those that stay at the edge. */
  columns: readonly Column[];
  resize: (column: Column, width: number) => void;
  move: (column: Column, before: Column | null) => void;
  openMenu: (menu: OpenMenu) => void;
}

/** What a press or key on a heading does. */
export function useHeaderCommands({ state, patch, columns, resize, move, openMenu }: Context) {
  const run = (command: HeaderCommand, column: GridColumn, anchorId: string) => {
    const widen = (by: number) => resize(column.id, Math.max(NARROWEST, Math.min(WIDEST, column.width + by)));
    const siblings = state.fix.includes(column.id)
      ? state.fix
      : columns.filter((one) => !state.fix.includes(one));
    const at = siblings.indexOf(column.id);
    switch (command) {
      case 'sort':
      case 'sortToo':
        if (column.sort) patch({ sort: pressed(state.sort, column.sort, command === 'sortToo') });
        return;
      case 'wider':
        return widen(WIDER);
      case 'narrower':
        return widen(-WIDER);
      case 'left':
        if (at > 0) move(column.id, siblings[at - 1] ?? null);
        return;
      case 'right':
        if (at >= 0 && at < siblings.length - 1) move(column.id, siblings[at + 2] ?? null);
        return;
      case 'menu':
        openMenu({
          anchorId,
          label: column.label,
          items: [
            ...sortItems(column),
            ...variantItems(column),
            ...groupItems(column),
            ...(column.id === NAME ? [] : placeItems(column, at, siblings.length)),
            { label: 'Wider', shortcut: 'Alt →', startsGroup: true, onSelect: () => widen(WIDER * 2) },
            { label: 'Narrower', shortcut: 'Alt ←', onSelect: () => widen(-WIDER * 2) },
            {
              label: 'Copy its name',
              icon: 'copy',
              onSelect: () => void copy(partsOf(column.id).key || column.label),
            },
          ],
        });
    }
  };

  function sortItems(column: GridColumn): MenuItem[] {
    const { sort } = column;
    if (!sort) return [];
    const isNow = (descending: boolean) =>
      state.sort.some((one) => one.column === sort && one.descending === descending);
    return [
      {
        label: 'Sort ascending',
        isChecked: isNow(false),
        onSelect: () => patch({ sort: only(sort, false) }),
      },
      { label: 'Sort descending', isChecked: isNow(true), onSelect: () => patch({ sort: only(sort, true) }) },
      {
        label: 'Sort by this too',
        isDisabled: state.sort.length === 0 || state.sort.some((one) => one.column === sort),
        onSelect: () => patch({ sort: pressed(state.sort, sort, true) }),
      },
    ];
  }

  /** A metric has more than its latest value. */
  function variantItems(column: GridColumn): MenuItem[] {
    const { kind, key } = partsOf(column.id);
    if (!kind.startsWith('metric')) return [];
    const variants = [
      ['metric', 'Latest value'],
      ['metric_min', 'Minimum'],
      ['metric_max', 'Maximum'],
      ['metric_step', 'Latest step'],
    ] as const;
    return variants.map(([variant, label], i) => {
      const id = `${variant}.${key}`;
      const isShown = columns.includes(id) || state.fix.includes(id);
      return {
        label,
        isChecked: isShown,
        startsGroup: i === 0,
        onSelect: () =>
          isShown ? hide(id) : patch({ cols: insertedAfter(columns, column.id, id) }, { replace: true }),
      };
    });
  }

  function groupItems(column: GridColumn): MenuItem[] {
    const { kind } = partsOf(column.id);
    const canGroup =
      kind === 'param' ||
      kind === 'tag' ||
      ['attribute.user_id', 'attribute.status', 'attribute.experiment_id'].includes(column.id);
    if (!canGroup) return [];
    const isGrouped = state.group.includes(column.id);
    return [
      {
        label: isGrouped ? 'Do not group by this' : 'Group by this',
        icon: 'group',
        startsGroup: true,
        onSelect: () =>
          patch({
            group: isGrouped ? state.group.filter((one) => one !== column.id) : [...state.group, column.id],
          }),
      },
    ];
  }

  function placeItems(column: GridColumn, at: number, count: number): MenuItem[] {
    const isFixed = state.fix.includes(column.id);
    const siblings = isFixed ? state.fix : columns.filter((one) => !state.fix.includes(one));
    return [
      {
        label: isFixed ? 'Let it scroll' : 'Keep at the left edge',
        icon: 'pin',
        startsGroup: true,
        onSelect: () =>
          patch(
            { fix: isFixed ? state.fix.filter((one) => one !== column.id) : [...state.fix, column.id] },
            { replace: true },
          ),
      },
      {
        label: 'Move left',
        icon: 'chevronLeft',
        isDisabled: at <= 0,
        onSelect: () => move(column.id, siblings[at - 1] ?? null),
      },
      {
        label: 'Move right',
        icon: 'chevronRight',
        isDisabled: at >= count - 1,
        onSelect: () => move(column.id, siblings[at + 2] ?? null),
      },
      { label: 'Hide', icon: 'eyeOff', onSelect: () => hide(column.id) },
    ];
  }

  function hide(column: Column) {
    patch(
      {
        cols: columns.filter((one) => one !== column),
        fix: state.fix.filter((one) => one !== column),
      },
      { replace: true },
    );
  }

  return run;
}

function insertedAfter(columns: readonly Column[], after: Column, column: Column): Column[] {
  const at = columns.indexOf(after);
  return at < 0 ? [...columns, column] : [...columns.slice(0, at + 1), column, ...columns.slice(at + 1)];
}
