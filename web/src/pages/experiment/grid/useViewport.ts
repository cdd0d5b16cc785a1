import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';
import { type Measures, seenRows, visibleRows } from './viewport';

interface Viewport {
  width: number;
  height: number;
  scrollLeft: number;
  first: number;
  last: number;
  shift: number;
}

/** Sideways, drawing follows in steps of so many px. */
const STEP_X = 64;

/** What the reader sees of a scrolling element, changed only when other rows or columns come into sight. */
export function useViewport(
  scroller: RefObject<HTMLElement | null>,
  { count, rowHeight, headHeight }: { count: number; rowHeight: number; headHeight: number },
  onSee: (seen: { first: number; last: number }) => void,
): Viewport & { measures: () => Measures } {
  const [viewport, setViewport] = useState<Viewport>({
    width: 0,
    height: 0,
    scrollLeft: 0,
    first: 0,
    last: 0,
    shift: 0,
  });

  const measures = useCallback((): Measures => {
    const element = scroller.current;
    return {
      scrollTop: element?.scrollTop ?? 0,
      height: Math.max(0, (element?.clientHeight ?? 0) - headHeight),
      count,
      rowHeight,
    };
  }, [scroller, count, rowHeight, headHeight]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const update = () => {
      const measured = measures();
      const next: Viewport = {
        ...visibleRows(measured),
        width: element.clientWidth,
        height: measured.height,
        scrollLeft: Math.floor(element.scrollLeft / STEP_X) * STEP_X,
      };
      element.toggleAttribute('data-shifted', element.scrollLeft > 0);
      setViewport((before) => (isSame(before, next) ? before : next));
      onSee(seenRows(measured));
    };
    update();
    element.addEventListener('scroll', update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', update);
      observer.disconnect();
    };
  }, [scroller, measures, onSee]);

  return { ...viewport, measures };
}

function isSame(a: Viewport, b: Viewport): boolean {
  return (
    a.first === b.first &&
    a.last === b.last &&
    a.shift === b.shift &&
    a.width === b.width &&
    a.height === b.height &&
    a.scrollLeft === b.scrollLeft
  );
}
