import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { runsTable } from '../../api/own';
import { runColor } from '../../runs/colors';
import type { ChartRun, Group } from '../line/prepare';

/** The runs by the values of some columns; `null` without columns, or before they are known. */
export function useGroups(runs: readonly ChartRun[], by: readonly string[]): readonly Group[] | null {
  const ids = useMemo(() => runs.map((run) => run.id).sort(), [runs]);
  const { data } = useQuery({
    queryKey: ['runs/table', { ids, columns: by }],
    queryFn: ({ signal }) => runsTable({ ids, view: 'all', columns: by, offset: 0, limit: 1000 }, signal),
    enabled: by.length > 0 && ids.length > 0,
  });
  return useMemo(() => {
    if (!by.length || !data) return null;
    const groups = new Map<string, { name: string; members: string[] }>();
    data.ids.forEach((run, i) => {
      const values = by.map((column) => data.columns[column]?.[i] ?? null);
      const id = JSON.stringify(values);
      const name = values.map((value) => (value === null ? '(none)' : String(value))).join(', ');
      const group = groups.get(id);
      if (group) group.members.push(run);
      else groups.set(id, { name, members: [run] });
    });
    return [...groups]
      .sort(([, a], [, b]) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map(([id, group], i) => ({ id, ...group, color: runColor(id, String((i % 10) + 1)) }));
  }, [data, by]);
}
