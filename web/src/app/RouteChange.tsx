import { useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { announce } from '../design/announce';
import { useRawSearch } from '../url/raw';

/** How long a page may take to tell its title and to fill itself before it is announced or scrolled. */
const SETTLED_MS = 600;

// Listens before the router does, which draws the page at once: a window calls its listeners in their order.
let isBack = false;
window.addEventListener('popstate', () => {
  isBack = true;
});

/** After another page is shown: focus at its beginning, its title told, and on the way back the old place. */
export function RouteChange({ mainId }: { mainId: string }) {
  const [path] = useLocation();
  const search = useRawSearch();
  const places = useRef(new Map<string, Map<string, number>>());
  const before = useRef(path);

  // The places are kept while the reader scrolls: when the page changes they are already another's.
  const address = `${path}?${search}`;
  useEffect(() => {
    const main = document.getElementById(mainId);
    const onScroll = ({ target }: Event) => {
      const name = main && target instanceof HTMLElement ? nameOf(target, main) : undefined;
      if (name === undefined) return;
      const known = places.current.get(address) ?? new Map<string, number>();
      places.current.set(address, known.set(name, (target as HTMLElement).scrollTop));
    };
    const options = { passive: true, capture: true };
    main?.addEventListener('scroll', onScroll, options);
    return () => main?.removeEventListener('scroll', onScroll, options);
  }, [address, mainId]);

  useLayoutEffect(() => {
    const wasBack = isBack;
    isBack = false;
    if (before.current === path) return undefined;
    before.current = path;
    const main = document.getElementById(mainId);
    if (!main) return undefined;
    // A tab of the same page keeps the focus.
    if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
    const stop = wasBack
      ? scrollWhenPossible(main, places.current.get(address) ?? new Map())
      : scrollToTop(main);
    const timer = setTimeout(() => announce(document.title), SETTLED_MS);
    return () => {
      stop();
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- another query on the same page moves nothing
  }, [path, mainId]);

  return null;
}

function scrollToTop(main: HTMLElement) {
  main.scrollTop = 0;
  return () => undefined;
}

/** A table that scrolls by itself has a name in `data-scroll`; the page's own place has none. */
function nameOf(element: HTMLElement, main: HTMLElement): string | undefined {
  return element === main ? '' : element.dataset.scroll;
}

/** Content comes later than the page: tries until it is high enough, or the reader scrolls. */
function scrollWhenPossible(main: HTMLElement, places: ReadonlyMap<string, number>) {
  const until = performance.now() + SETTLED_MS;
  // What is reached on the way is no place that the reader chose.
  const wanted = new Map(places);
  let frame = 0;
  const attempt = () => {
    for (const [name, place] of wanted) {
      const element = name ? main.querySelector<HTMLElement>(`[data-scroll="${CSS.escape(name)}"]`) : main;
      if (!element) continue;
      element.scrollTop = place;
      if (Math.abs(element.scrollTop - place) <= 1) wanted.delete(name);
    }
    if (wanted.size > 0 && performance.now() < until) frame = requestAnimationFrame(attempt);
  };
  attempt();
  const stop = () => cancelAnimationFrame(frame);
  main.addEventListener('wheel', stop, { once: true, passive: true });
  return stop;
}
