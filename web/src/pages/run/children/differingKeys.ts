import type { Run } from '../../../api/mlflow';

/** The keys whose values differ between runs or that not all have: those in most runs first. */
export function differingKeys(
  runs: readonly Run[],
  entries: (run: Run) => readonly { key: string; value: unknown }[],
): string[] {
  const found = new Map<string, { count: number; values: Set<unknown> }>();
  for (const run of runs) {
    for (const { key, value } of entries(run)) {
      let one = found.get(key);
      if (!one) found.set(key, (one = { count: 0, values: new Set() }));
      one.count += 1;
      one.values.add(value);
    }
  }
  return [...found]
    .filter(([, { count, values }]) => runs.length === 1 || count < runs.length || values.size > 1)
    .sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .map(([key]) => key);
}
