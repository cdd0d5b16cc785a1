import { useShortcut } from '../../app/shortcuts';

interface Handlers {
  tab: string;
  onTab: (index: number) => void;
  onReload: () => void;
  /** To the run before or after this in the list. */
  onStep: (to: 'before' | 'after') => void;
}

/** The keys of a run's page. */
export function useRunKeys({ tab, onTab, onReload, onStep }: Handlers) {
  useShortcut(['1', '2', '3', '4', '5'], 'Overview, charts, artifacts, children, raw', (event) =>
    onTab(Number(event.key) - 1),
  );
  useShortcut('r', 'Read the run again', onReload);
  useShortcut('e', 'Rename the run', () => document.getElementById('edit-run-name')?.click());
  // Among artifacts they lead to the next file.
  const when = tab !== 'artifacts';
  useShortcut('[', 'Run before this in the list', () => onStep('before'), { when });
  useShortcut(']', 'Run after this in the list', () => onStep('after'), { when });
}
