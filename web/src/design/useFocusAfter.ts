import { type RefObject, useEffect, useRef } from 'react';

/** Where the focus goes when a button that was pressed is not needed any more; to be called when it is pressed. */
export function useFocusAfter(isThere: boolean, next: RefObject<HTMLElement | null>): () => void {
  const wasPressed = useRef(false);
  useEffect(() => {
    if (isThere || !wasPressed.current) return;
    wasPressed.current = false;
    // Elsewhere the reader has gone on by himself.
    if (document.activeElement === document.body) next.current?.focus();
  }, [isThere, next]);
  return () => {
    wasPressed.current = true;
  };
}
