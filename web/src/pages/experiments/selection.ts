import { useRef, useState } from 'react';
import { announce } from '../../design/announce';
import type { Row } from './tree';

export interface Selection {
  ids: ReadonlySet<string>;
  /** Turns a row on or off, or all from the last turned one to it. A folder means all experiments in it. */
  toggle: (index: number, isRange: boolean) => void;
  all: (rows: readonly Row[]) => void;
  clear: () => void;
}

/** Which experiments are meant by the next action. */
export function useSelection(rows: readonly Row[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);
  const set = (next: ReadonlySet<string>) => {
    setIds(next);
    announce(next.size === 0 ? 'Nothing selected' : `${next.size} selected`);
  };
  return {
    ids,
    toggle: (index, isRange) => {
      const row = rows[index];
      if (!row) return;
      const from = rows.findIndex((one) => one.key === anchor.current);
      const isToBeOn = isRange || isChecked(row, ids) !== true;
      const meant =
        isRange && from >= 0 ? rows.slice(Math.min(from, index), Math.max(from, index) + 1) : [row];
      anchor.current = row.key;
      const next = new Set(ids);
      for (const id of meant.flatMap(idsOf)) {
        if (isToBeOn) next.add(id);
        else next.delete(id);
      }
      set(next);
    },
    all: (shown) => set(new Set(shown.flatMap(idsOf))),
    clear: () => set(new Set()),
  };
}

export function idsOf(row: Row): string[] {
  return row.kind === 'experiment'
    ? [row.experiment.experiment_id]
    : row.experiments.map((one) => one.experiment_id);
}

/** `some`: a folder of which not all are selected. */
export function isChecked(row: Row, ids: ReadonlySet<string>): boolean | 'some' {
  if (ids.size === 0) return false;
  const own = idsOf(row);
  const count = own.filter((id) => ids.has(id)).length;
  return count === own.length ? true : count > 0 ? 'some' : false;
}
