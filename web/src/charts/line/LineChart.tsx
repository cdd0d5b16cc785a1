import {
  type Ref,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react';
import { subscribeToTheme } from '../../app/theme';
import { announce } from '../../design/announce';
import { shortNumber } from '../../format/number';
import { type Range, shifted, zoomed } from '../series/range';
import { type XKind, xText } from './axes';
import type { DrawnLine } from './line';
import styles from './LineChart.module.css';
import type { CursorLink } from './link';
import { type Hover, LinePlot, type PlotEvents, type PlotState } from './plot';
import { xRange, type YRange, yRange } from './ranges';
import { Tooltip } from './Tooltip';

export interface LineChartHandle {
  /** The chart as it is drawn; `null` before it is. */
  plot: () => LinePlot | null;
}

interface Props {
  lines: readonly DrawnLine[];
  xKind: XKind;
  isLogX: boolean;
  isLogY: boolean;
  y: YRange;
  /** The part of the x axis that is shown, the same in all linked charts; `null`: all of it. */
  zoom: Range | null;
  onZoom: (zoom: Range | null) => void;
  link: CursorLink;
  /** A run or group that stands out. */
  highlight?: string | null;
  onHighlight?: (subject: string | null) => void;
  /** The chart's name and what it shows, for who does not see it. */
  label: string;
  /** Changes when its place on the page may have other measures. */
  ref?: Ref<LineChartHandle>;
}

/** Lines over a common x. Fills its parent. */
export default function LineChart(props: Props) {
  const { lines, xKind, isLogX, isLogY, y, zoom, link, highlight = null, label, ref } = props;
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<LinePlot | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const [pinned, setPinned] = useState<Hover | null>(null);
  const [yZoom, setYZoom] = useState<Range | null>(null);
  const helpId = useId();

  const state = useMemo<PlotState>(() => {
    const x = xRange(lines, zoom, isLogX);
    return { lines, xKind, isLogX, isLogY, x, y: yRange(lines, x, yZoom ?? y, isLogY) };
  }, [lines, xKind, isLogX, isLogY, y, zoom, yZoom]);

  // The plot outlives many states; it calls back with the newest of everything.
  const latest = useRef({ props, state });
  useEffect(() => {
    latest.current = { props, state };
  });
  useImperativeHandle(ref, () => ({ plot: () => plot.current }), []);

  const reset = useCallback(() => {
    setYZoom(null);
    setPinned(null);
    latest.current.props.onZoom(null);
  }, []);

  useEffect(() => {
    const parent = element.current;
    if (!parent) return;
    const events: PlotEvents = {
      onHover: (next) => {
        setHover(next);
        const { props: now } = latest.current;
        now.link.move(plotOf, next?.x ?? null);
        now.onHighlight?.(next?.hits[0]?.line.subject ?? null);
      },
      onSelect: (x, ySelected) => {
        latest.current.props.onZoom(x);
        if (ySelected) setYZoom(ySelected);
      },
      onReset: reset,
      onClick: (at) => setPinned((before) => (before ? null : at)),
    };
    const plotOf = new LinePlot(parent, latest.current.state, events);
    plot.current = plotOf;
    const leave = link.join(plotOf, (x) => plotOf.moveCursor(x));
    const observer = new ResizeObserver(() => plotOf.resize());
    observer.observe(parent);
    const unsubscribe = subscribeToTheme(() => plotOf.repaint());
    // The axes are measured with the page's font.
    void document.fonts?.ready.then(() => plot.current === plotOf && plotOf.repaint());
    return () => {
      plot.current = null;
      leave();
      observer.disconnect();
      unsubscribe();
      plotOf.destroy();
    };
    // Other kinds of axes are another plot; everything else is shown by the same.
  }, [xKind, isLogX, isLogY, link, reset]);

  useEffect(() => {
    plot.current?.show(state);
  }, [state]);
  useEffect(() => {
    plot.current?.highlight(highlight);
  }, [highlight]);

  const onKeyDown = useChartKeys(plot, latest, setPinned, reset);
  const shown = pinned ?? hover;
  return (
    <div
      className={styles.chart}
      role="group"
      aria-roledescription="line chart"
      aria-label={label}
      aria-describedby={helpId}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.clearHover()}
    >
      <div ref={element} className={styles.plot} />
      <span id={helpId} className="unseen">
        Arrow keys move the cursor, plus and minus zoom, shift with arrows moves along, Escape shows all.
      </span>
      {shown && shown.hits.length > 0 && (
        <Tooltip hover={shown} xKind={xKind} isPinned={pinned !== null} onClose={() => setPinned(null)} />
      )}
    </div>
  );
}

/** The keyboard's cursor and zoom. */
function useChartKeys(
  plot: React.RefObject<LinePlot | null>,
  latest: React.RefObject<{ props: Props; state: PlotState }>,
  setPinned: (hover: null) => void,
  reset: () => void,
) {
  const cursor = useRef<number | null>(null);
  return (event: React.KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const { props, state } = latest.current;
    const { x, lines, isLogX } = state;
    const at = cursor.current ?? (x.min + x.max) / 2;
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (direction && event.shiftKey) {
      props.onZoom(shifted(x, direction * 0.2, isLogX));
    } else if (direction) {
      const next = nextPoint(lines, at, direction, x);
      cursor.current = next;
      plot.current?.moveCursor(next, true);
      announce(spoken(props.xKind, next, lines));
    } else if (event.key === '+' || event.key === '=') {
      props.onZoom(zoomed(x, at >= x.min && at <= x.max ? at : (x.min + x.max) / 2, 0.6, isLogX));
    } else if (event.key === '-') {
      props.onZoom(zoomed(x, at, 1 / 0.6, isLogX));
    } else if (event.key === 'Escape') {
      setPinned(null);
      plot.current?.clearHover();
      // A second Escape closes what the chart is in.
      if (props.zoom === null) return;
      reset();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

/** The next x at which some line has a point, at least a hundredth of the axis away. */
function nextPoint(lines: readonly DrawnLine[], at: number, direction: number, range: Range): number {
  const least = (range.max - range.min) / 200;
  let found = direction > 0 ? range.max : range.min;
  for (const { x } of lines) {
    for (const one of x) {
      if (direction > 0 ? one >= at + least && one < found : one <= at - least && one > found) found = one;
    }
  }
  return found;
}

function spoken(kind: XKind, x: number, lines: readonly DrawnLine[]): string {
  const values = lines.slice(-5).flatMap((line) => {
    const index = line.x.findIndex((one) => one >= x);
    const value = line.y[index];
    return value === undefined ? [] : [`${line.name} ${shortNumber(value)}`];
  });
  return `${xText(kind, x)}: ${values.reverse().join(', ')}`;
}
