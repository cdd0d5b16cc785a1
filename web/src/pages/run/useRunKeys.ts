import { useLocation } from 'wouter';
import { paths } from '../../app/paths';
import { useShortcut } from '../../app/shortcuts';

/** Where a list of runs leaves the ids it shows, in its order, for `[` and `]`. */
export const RUN_LIST_KEY = 'oxflow.runList';

interface Handlers {
  runId: string;
  tab: string;
  onTab: (index: number) => void;
  onReload: () => void;
}

/** The keys of a run's page. */
export function useRunKeys({ runId, tab, onTab, onReload }: Handlers) {
  const [, navigate] = useLocation();
  useShortcut(['1', '2', '3', '4', '5'], 'Overview, charts, artifacts, children, raw', (event) =>
    onTab(Number(event.key) - 1),
  );
  useShortcut('r', 'Read the run again', onReload);
  useShortcut('e', 'Rename the run', () => document.getElementById('edit-run-name')?.click());
  // Among artifacts they lead to the next file.
  const when = tab !== 'artifacts';
  const go = (by: 1 | -1) => {
    const next = neighbour(runId, by);
    if (next) navigate(paths.run(next));
  };
  useShortcut('[', 'Run before this in the list', () => go(-1), { when });
  useShortcut(']', 'Run after this in the list', () => go(1), { when });
}

function neighbour(runId: string, by: number): string | null {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(RUN_LIST_KEY) ?? '[]');
    if (!Array.isArray(ids)) return null;
    const at = ids.indexOf(runId);
    const next: unknown = at < 0 ? null : ids[at + by];
    return typeof next === 'string' ? next : null;
  } catch {
    return null;
  }
}
