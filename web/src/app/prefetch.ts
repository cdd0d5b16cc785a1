import { base } from './base';
import { filesOf } from './pages';

/** Fetches the files of a page as soon as the reader points at a link to it, which is some time before the press. */
export function prefetchPages() {
  for (const type of ['pointerover', 'focusin', 'touchstart'])
    document.addEventListener(type, ({ target }) => prefetch(target), { passive: true });
}

function prefetch(target: EventTarget | null) {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[href]') : null;
  if (!link || link.origin !== location.origin || !link.pathname.startsWith(`${base}/`)) return;
  // A file that does not come is told where the page is drawn.
  for (const load of filesOf(link.pathname.slice(base.length)))
    if (!load.loaded) load().catch(() => undefined);
}
