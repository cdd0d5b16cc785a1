import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Keeps the row at the top of a scrolled list where it is when rows come in above it. All rows have this height, in pixels.
 * At its beginning a list stays there, and so does one that becomes shorter: it is searched in, or folded.
 */
export function useSteadyRows<Row>(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly Row[],
  height: number,
  keyOf: (row: Row) => string,
) {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = rows;
    const element = scroller.current;
    if (!element || rows.length < old.length || element.scrollTop < height) return;
    const at = Math.floor(element.scrollTop / height);
    const top = old[at];
    if (top === undefined) return;
    const key = keyOf(top);
    const now = rows.findIndex((row) => keyOf(row) === key);
    if (now >= 0 && now !== at) element.scrollTop += (now - at) * height;
  }, [scroller, rows, height, keyOf]);
}
