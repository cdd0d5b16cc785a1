import { toast } from '../design/toasts';
import { base } from './base';

/** Replaces an address of MLflow's own pages by ours: the one the page was opened with, and later pasted ones. */
export function followLegacyLinks(): Promise<void> {
  window.addEventListener('hashchange', () => void follow());
  return follow();
}

async function follow() {
  const { hash } = location;
  if (!hash.startsWith('#/')) return;
  const { legacyHash } = await import('../url/legacyHash');
  const target = legacyHash(hash);
  history.replaceState(null, '', `${base}${target ?? '/'}`);
  if (target === null) toast(`There is no page for the old address ${hash}`, { kind: 'failed' });
}
