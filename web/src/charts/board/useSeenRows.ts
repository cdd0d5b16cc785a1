import { type RefObject, useEffect, useMemo, useState } from 'react';

/** Px above and below the screen in which rows are there before they are seen. */
const AHEAD = 300;

/** Which rows of known heights are near what is seen of a scrolling element: where each begins, and how high all are. */
export function useSeenRows(scroll: RefObject<HTMLElement | null>, heights: readonly number[]) {
  const starts = useMemo(() => {
    const found = [0];
    for (const height of heights) found.push((found[found.length - 1] ?? 0) + height);
    return found;
  }, [heights]);
  const [seen, setSeen] = useState({ first: 0, last: 0 });
  useEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const update = () => {
      const { scrollTop, clientHeight } = element;
      const next = seenRows(starts, scrollTop - AHEAD, scrollTop + clientHeight + AHEAD);
      setSeen((before) => (before.first === next.first && before.last === next.last ? before : next));
    };
    update();
    element.addEventListener('scroll', update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', update);
      observer.disconnect();
    };
  }, [scroll, starts]);
  return { ...seen, starts, height: starts[starts.length - 1] ?? 0 };
}

/** The rows between two places, the last one not included. */
export function seenRows(starts: readonly number[], from: number, to: number) {
  const count = starts.length - 1;
  let first = 0;
  while (first < count && (starts[first + 1] ?? 0) <= from) first += 1;
  let last = first;
  while (last < count && (starts[last] ?? 0) < to) last += 1;
  return { first, last };
}
