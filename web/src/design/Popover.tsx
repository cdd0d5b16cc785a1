import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import styles from './Popover.module.css';

interface Props {
  /** The element it belongs to. */
  anchorId: string;
  onClose: () => void;
  /** Which of the anchor's edges it keeps to. */
  align?: 'start' | 'end';
  children: ReactNode;
}

const GAP = 4;
const EDGE = 8;

/** A panel above the page, beside its anchor and inside the window; a press outside or Escape closes it. */
export function Popover({ anchorId, onClose, align = 'start', children }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = panel.current;
    if (!element) return;
    element.showPopover?.();
    const place = () => {
      const anchor = document.getElementById(anchorId)?.getBoundingClientRect();
      if (!anchor) return;
      const { width, height } = element.getBoundingClientRect();
      const below = window.innerHeight - anchor.bottom - GAP - EDGE;
      const goesBelow = height <= below || below >= anchor.top;
      const left = align === 'start' ? anchor.left : anchor.right - width;
      element.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - width - EDGE))}px`;
      element.style.top = `${goesBelow ? anchor.bottom + GAP : Math.max(EDGE, anchor.top - GAP - height)}px`;
      element.style.maxHeight = `${goesBelow ? below : anchor.top - GAP - EDGE}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    window.addEventListener('resize', place);
    window.addEventListener('scroll', place, true);
    return () => {
      // The focus goes back to where it came from, not to the page's beginning.
      if (element.contains(document.activeElement)) document.getElementById(anchorId)?.focus();
      observer.disconnect();
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', place, true);
    };
  }, [anchorId, align]);

  useEffect(() => {
    const onPress = (event: PointerEvent) => {
      const target = event.target as Node;
      if (panel.current?.contains(target) || document.getElementById(anchorId)?.contains(target)) return;
      close.current();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      close.current();
    };
    document.addEventListener('pointerdown', onPress, true);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPress, true);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [anchorId]);

  return (
    <div ref={panel} popover="manual" className={styles.panel}>
      {children}
    </div>
  );
}
