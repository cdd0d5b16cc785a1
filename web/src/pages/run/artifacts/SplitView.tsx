import { readText, writeText } from '../../../app/storage';
import { type ReactNode, useRef, useState } from 'react';
import styles from './SplitView.module.css';

const KEY = 'oxflow.artifacts.width';
const LEAST = 180;
const MOST = 640;

/** Two parts side by side, with a bar between that moves; one above the other where it is narrow. */
export function SplitView({ left, right, label }: { left: ReactNode; right: ReactNode; label: string }) {
  const [width, setWidth] = useState(() => clamped(Number(readText(KEY)) || 300));
  const from = useRef<{ x: number; width: number } | null>(null);
  const change = (next: number) => {
    setWidth(clamped(next));
    writeText(KEY, String(clamped(next)));
  };
  return (
    <div className={styles.split} style={{ '--left': `${width}px` } as React.CSSProperties}>
      <div className={styles.left}>{left}</div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={`Width of ${label}`}
        aria-valuenow={width}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        tabIndex={0}
        className={styles.bar}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          change(width + by);
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { x: event.clientX, width };
        }}
        onPointerMove={(event) => {
          if (from.current) change(from.current.width + event.clientX - from.current.x);
        }}
        onPointerUp={() => {
          from.current = null;
        }}
      />
      <div className={styles.right}>{right}</div>
    </div>
  );
}

const clamped = (width: number) => Math.max(LEAST, Math.min(MOST, Math.round(width)));
