import type { Column } from '../../../api/types';

export interface GridColumn {
  id: Column;
  label: string;
  /** What kind of thing it is, where the label does not say: `min`, `param`. */
  note: string;
  width: number;
  isNumeric: boolean;
  /** What the server sorts by; `null`: it cannot. */
  sort: Column | null;
  /** Stays at the left edge. */
  isFixed: boolean;
}

/** The columns with their places: the same object as long as nothing moved. */
export interface GridLayout {
  leadWidth: number;
  /** The name first. */
  fixed: readonly GridColumn[];
  /** Left edges of the fixed ones. */
  fixedLefts: readonly number[];
  /** Those that scroll. */
  moving: readonly GridColumn[];
  /** Their left edges, from the end of the fixed ones, and the right edge of the last. */
  lefts: readonly number[];
  /** Width of all. */
  width: number;
  isNarrow: boolean;
}

/** Whether a row takes part in something. */
export interface RunMarks {
  isSelected: boolean;
  isHidden: boolean;
  isPinned: boolean;
}

export interface Active {
  /** -1: the header. Pinned rows come before the others. */
  row: number;
  /** 0: the controls; 1: the name. */
  column: number;
}

/** What a press on a row can mean. */
export interface RowActions {
  activate: (row: number, column: number) => void;
  select: (row: number, isRange: boolean) => void;
  toggleOpen: (row: number) => void;
  toggleHide: (id: string) => void;
  togglePin: (id: string) => void;
  openMenu: (row: number, column: number) => void;
}

export const NAME = 'attribute.run_name';
