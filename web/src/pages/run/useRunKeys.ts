import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../../app/paths';

/** Where a list of runs leaves the ids it shows, in its order, for `[` and `]`. */
export const RUN_LIST_KEY = 'oxflow.runList';

interface Handlers {
  runId: string;
  onTab: (index: number) => void;
  onReload: () => void;
}

/** The keys of a run's page: `1` to `5`, `r`, `e`, `[` and `]`. */
export function useRunKeys(handlers: Handlers) {
  const [, navigate] = useLocation();
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { runId, onTab, onReload } = latest.current;
      if (/^[1-5]$/.test(event.key)) onTab(Number(event.key) - 1);
      else if (event.key === 'r') onReload();
      else if (event.key === 'e') document.getElementById('edit-run-name')?.click();
      else if (event.key === '[' || event.key === ']') {
        // Among artifacts they lead to the next file.
        if (location.pathname.includes('/artifacts')) return;
        const next = neighbour(runId, event.key === ']' ? 1 : -1);
        if (!next) return;
        navigate(paths.run(next));
      } else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}

/** Whether keys are text here. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
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
