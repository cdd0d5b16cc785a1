import { useEffect, useMemo, useRef, useState } from 'react';
import { shownTheme, subscribeToTheme } from '../app/theme';
import { Empty, ErrorNote, Skeleton } from '../design/States';
import { grouped } from '../format/number';
import { type Bounds, boundsOf, gridStep, type Shape, shapesOf } from './geo';
import styles from './GeoPreview.module.css';
import { JsonTree } from './JsonTree';
import { parseJson } from './json';
import type { FileOfRun } from './kinds';
import { TextView } from './TextView';
import { Choice, Toolbar } from './Toolbar';
import { useText } from './useFile';

/** GeoJSON drawn on a grid of degrees. No map below it: that would ask another server. */
export default function GeoPreview({ file }: { file: FileOfRun }) {
  const { data: text, error, refetch } = useText(file);
  const [view, setView] = useState<'drawing' | 'tree'>('drawing');
  const parsed = useMemo(() => {
    try {
      const value = text === undefined ? undefined : parseJson(text);
      return { value, shapes: shapesOf(value) };
    } catch {
      return null;
    }
  }, [text]);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (text === undefined) return <Skeleton lines={10} />;
  if (!parsed) return <TextView text={text} language={null} info="Not JSON" />;
  const tools = (
    <Choice
      label="Shown as"
      value={view}
      options={[
        { value: 'drawing', label: 'Drawing' },
        { value: 'tree', label: 'Tree' },
      ]}
      onChange={setView}
    />
  );
  const bounds = boundsOf(parsed.shapes);
  if (view === 'tree') return <JsonTree value={parsed.value} label={file.path} tools={tools} />;
  return (
    <>
      <Toolbar info={`${grouped(parsed.shapes.length)} shapes`}>{tools}</Toolbar>
      {bounds ? (
        <Drawing shapes={parsed.shapes} bounds={bounds} />
      ) : (
        <Empty icon="image" title="Nothing to draw in this file" />
      )}
    </>
  );
}

const EDGE = 40;

function Drawing({ shapes, bounds }: { shapes: readonly Shape[]; bounds: Bounds }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = () => draw(element, shapes, bounds);
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    const unsubscribe = subscribeToTheme(paint);
    return () => {
      observer.disconnect();
      unsubscribe();
    };
  }, [shapes, bounds]);
  const round = (value: number) => Math.round(value * 100) / 100;
  return (
    <canvas
      ref={canvas}
      role="img"
      className={styles.canvas}
      aria-label={`${shapes.length} shapes between longitude ${round(bounds.west)} and ${round(bounds.east)}, latitude ${round(bounds.south)} and ${round(bounds.north)}`}
    />
  );
}

function draw(canvas: HTMLCanvasElement, shapes: readonly Shape[], bounds: Bounds) {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  context.scale(ratio, ratio);
  const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const { west, east, south, north } = bounds;
  // A degree of longitude is as wide as the middle's latitude makes it.
  const squeeze = Math.max(0.1, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const spanX = (east - west || 1) * squeeze;
  const spanY = north - south || 1;
  const scale = Math.min((width - 2 * EDGE) / spanX, (height - 2 * EDGE) / spanY);
  const x = (longitude: number) => width / 2 + (longitude - (west + east) / 2) * squeeze * scale;
  const y = (latitude: number) => height / 2 - (latitude - (south + north) / 2) * scale;

  context.lineWidth = 1;
  context.strokeStyle = token('--border');
  context.fillStyle = token('--text-muted');
  context.font = `11px ${token('--font')}`;
  const step = gridStep(Math.max(spanX, spanY), 6);
  const degrees = (value: number) =>
    `${Math.round(value / step) * step === 0 ? 0 : Number(value.toPrecision(6))}°`;
  context.beginPath();
  for (const at of ticks(west - spanX, east + spanX, step)) {
    context.moveTo(x(at), 0);
    context.lineTo(x(at), height);
    context.fillText(degrees(at), x(at) + 3, height - 6);
  }
  for (const at of ticks(south - spanY, north + spanY, step)) {
    context.moveTo(0, y(at));
    context.lineTo(width, y(at));
    context.fillText(degrees(at), 4, y(at) - 3);
  }
  context.stroke();

  context.strokeStyle = token('--series-1');
  context.fillStyle = token('--series-1');
  context.lineWidth = 1.5;
  for (const { kind, rings } of shapes) {
    context.beginPath();
    for (const points of rings) {
      points.forEach(([longitude, latitude], i) => {
        if (kind === 'point') {
          context.moveTo(x(longitude) + 4, y(latitude));
          context.arc(x(longitude), y(latitude), 4, 0, 2 * Math.PI);
        } else if (i === 0) context.moveTo(x(longitude), y(latitude));
        else context.lineTo(x(longitude), y(latitude));
      });
      if (kind === 'area') context.closePath();
    }
    if (kind !== 'line') {
      context.globalAlpha = kind === 'point' ? 1 : shownTheme() === 'dark' ? 0.35 : 0.2;
      context.fill('evenodd');
      context.globalAlpha = 1;
    }
    context.stroke();
  }
}

/** Multiples of the step between two degrees. At most so many: far from 0 a step may be too small to lead on. */
function ticks(first: number, last: number, step: number): number[] {
  const count = Math.min(100, Math.floor((last - first) / step) + 1);
  const start = Math.ceil(first / step);
  return Array.from({ length: Math.max(0, count) }, (_, i) => (start + i) * step);
}
