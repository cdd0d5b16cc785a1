import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { artifactAddress } from '../../../api/own';
import { paths } from '../../../app/paths';
import type { ComparedRun } from '../useComparedRuns';
import styles from './ImagePanels.module.css';
import { panned, WHOLE, type Zoom, zoomed } from './zoom';

export interface Picture {
  run: ComparedRun;
  /** `null`: this run has none. */
  path: string | null;
  caption: string;
}

interface Props {
  pictures: readonly Picture[];
  view: 'side' | 'swipe' | 'difference';
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
}

/** Pictures beside or above each other, moved and enlarged together. */
export function ImagePanels({ pictures, view, zoom, onZoom }: Props) {
  const [share, setShare] = useState(50);
  const [left, right] = pictures;
  if (view === 'side') {
    return (
      <ul className={styles.grid}>
        {pictures.map((one) => (
          <li key={one.run.id} className={styles.panel}>
            <Caption picture={one} />
            <Frame label={`${one.run.name} ${one.caption}`} zoom={zoom} onZoom={onZoom}>
              <Image picture={one} zoom={zoom} />
            </Frame>
          </li>
        ))}
      </ul>
    );
  }
  if (!left || !right) return null;
  return (
    <div className={styles.two}>
      <div className={styles.captions}>
        <Caption picture={left} />
        <Caption picture={right} />
      </div>
      <Frame label={`${left.run.name} and ${right.run.name}`} zoom={zoom} onZoom={onZoom} isLarge>
        <Image picture={left} zoom={zoom} />
        {view === 'swipe' ? (
          <div className={styles.over} style={{ clipPath: `inset(0 0 0 ${share}%)` }}>
            <Image picture={right} zoom={zoom} />
          </div>
        ) : (
          <div className={styles.difference}>
            <Image picture={right} zoom={zoom} />
          </div>
        )}
        {view === 'swipe' && <span className={styles.edge} style={{ left: `${share}%` }} />}
      </Frame>
      {view === 'swipe' ? (
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label="How much of the left image is shown, in per cent"
          className={styles.slider}
          onChange={(event) => setShare(Number(event.target.value))}
        />
      ) : (
        <p className={styles.note}>Black is where the two are the same.</p>
      )}
    </div>
  );
}

function Caption({ picture: { run, caption } }: { picture: Picture }) {
  return (
    <p className={styles.caption}>
      <span className={styles.dot} style={{ background: run.color }} />
      <Link href={paths.run(run.id)} className={styles.name} title={run.name}>
        {run.name}
      </Link>
      <span className={styles.note}>{caption}</span>
    </p>
  );
}

function Image({ picture: { run, path }, zoom }: { picture: Picture; zoom: Zoom }) {
  const [failed, setFailed] = useState('');
  if (!path) return <p className={styles.none}>No image</p>;
  if (failed === path) return <p className={styles.none}>This file cannot be shown as an image.</p>;
  return (
    <img
      src={artifactAddress(run.id, path)}
      alt={`${path} of ${run.name}`}
      draggable={false}
      loading="lazy"
      className={styles.image}
      data-large={zoom.scale > 2 || undefined}
      style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}
      onError={() => setFailed(path)}
    />
  );
}

const STEP = 40;
const KEYS: Record<string, readonly [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

interface FrameProps {
  label: string;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  isLarge?: boolean;
  children: ReactNode;
}

/** Ctrl and the wheel enlarge around the pointer, dragging moves, a double click shows the whole; so do + − 0 and arrows. */
function Frame({ label, zoom, onZoom, isLarge, children }: FrameProps) {
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef({ zoom, onZoom });
  latest.current = { zoom, onZoom };
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      latest.current.onZoom(zoomed(latest.current.zoom, Math.exp(-event.deltaY / 300), at));
    };
    // React's own listener may not hold the page still.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const size = () => frame.current?.getBoundingClientRect() ?? new DOMRect();
  const onKeyDown = (event: React.KeyboardEvent) => {
    const by = KEYS[event.key];
    const factor = { '+': 1.5, '=': 1.5, '-': 1 / 1.5 }[event.key];
    if (by && zoom.scale > 1) onZoom(panned(zoom, by[0], by[1], size()));
    else if (factor) onZoom(zoomed(zoom, factor, { x: size().width / 2, y: size().height / 2 }));
    else if (event.key === '0') onZoom(WHOLE);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={frame}
      role="group"
      aria-label={`${label}: plus, minus and arrows zoom and move`}
      tabIndex={0}
      className={styles.frame}
      data-large={isLarge || undefined}
      data-moves={zoom.scale > 1 || undefined}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onZoom(WHOLE)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.buttons === 1 && zoom.scale > 1)
          onZoom(panned(zoom, event.movementX, event.movementY, size()));
      }}
    >
      {children}
    </div>
  );
}
