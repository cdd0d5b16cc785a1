import { useCallback, useState } from 'react';

/** Px below the screen at which something counts as seen: it is there before the reader is. */
const AHEAD = 200;

/** Whether an element has come near the screen; once seen it stays so. What is far below need not be asked for. */
export function useSeen(): [isSeen: boolean, ref: (element: Element | null) => (() => void) | undefined] {
  const [isSeen, setSeen] = useState(false);
  const ref = useCallback((element: Element | null) => {
    if (!element) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: `${AHEAD}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [isSeen, ref];
}
