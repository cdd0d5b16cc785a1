import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';

/**
 * Which row the keyboard is at: one of them can be reached with Tab, the others with the arrows. A row that is
 * scrolled away is brought back before it gets the focus.
 */
export function useRowFocus(
  keys: readonly string[],
  virtual: Virtualizer<HTMLDivElement, Element>,
  elementOf: (key: string) => HTMLElement | null,
) {
  const [key, setKey] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const index = Math.max(0, key === null ? 0 : keys.indexOf(key));

  useEffect(() => {
    if (!wantsFocus.current || key === null) return;
    const element = elementOf(key);
    if (!element) return;
    wantsFocus.current = false;
    element.focus({ preventScroll: true });
  });

  const moveTo = (next: number) => {
    const at = Math.max(0, Math.min(keys.length - 1, next));
    const target = keys[at];
    if (target === undefined) return;
    wantsFocus.current = true;
    virtual.scrollToIndex(at);
    setKey(target);
    // The same row again: nothing is drawn anew.
    if (target === key) elementOf(target)?.focus({ preventScroll: true });
  };

  return {
    /** The row that Tab reaches. */
    key: keys[index],
    index,
    isChosen: key !== null && keys[index] === key,
    /** Nothing was chosen yet: the first step goes to the first row. */
    move: (by: number) => moveTo(keys[index] !== key ? 0 : index + by),
    moveTo,
    setKey,
  };
}
