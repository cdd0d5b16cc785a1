import { useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { announce } from '../design/announce';

/** How long a page may take to tell its title and to fill itself before it is announced or scrolled. */
const SETTLED_MS = 600;

/** After another page is shown: focus at its beginning, its title told, and on the way back the old place. */
export function RouteChange({ mainId }: { mainId: string }) {
  const [path] = useLocation();
  const search = useSearch();
  const places = useRef(new Map<string, number>());
  const isBack = useRef(false);
  const before = useRef(path);

  useEffect(() => {
    const onBack = () => {
      isBack.current = true;
    };
    window.addEventListener('popstate', onBack);
    return () => window.removeEventListener('popstate', onBack);
  }, []);

  // The place is kept while the reader scrolls: when the page changes it is already another's.
  const address = `${path}?${search}`;
  useEffect(() => {
    const main = document.getElementById(mainId);
    const known = places.current;
    const onScroll = () => known.set(address, main?.scrollTop ?? 0);
    main?.addEventListener('scroll', onScroll, { passive: true });
    return () => main?.removeEventListener('scroll', onScroll);
  }, [address, mainId]);

  useLayoutEffect(() => {
    const wasBack = isBack.current;
    isBack.current = false;
    if (before.current === path) return undefined;
    before.current = path;
    const main = document.getElementById(mainId);
    if (!main) return undefined;
    // A tab of the same page keeps the focus.
    if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
    const stop = wasBack ? scrollWhenPossible(main, places.current.get(address) ?? 0) : scrollToTop(main);
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

/** Content comes later than the page: tries until it is high enough, or the reader scrolls. */
function scrollWhenPossible(main: HTMLElement, place: number) {
  const until = performance.now() + SETTLED_MS;
  let frame = 0;
  const attempt = () => {
    main.scrollTop = place;
    if (Math.abs(main.scrollTop - place) > 1 && performance.now() < until)
      frame = requestAnimationFrame(attempt);
  };
  attempt();
  const stop = () => cancelAnimationFrame(frame);
  main.addEventListener('wheel', stop, { once: true, passive: true });
  return stop;
}
