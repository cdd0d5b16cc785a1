import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { isUtc } from '../../format/time';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { fileName } from '../../format/csv';
import { type ChartTheme, useChartTheme } from './chartTheme';
import styles from './EChart.module.css';

/** What is under the pointer. */
export interface Hit {
  series: number;
  /** Its place in the data of the series. */
  index: number;
}

export interface ChartHandle {
  /** Downloads the chart as a picture, twice as fine as the screen. */
  exportPng: (name: string) => void;
}

interface Props {
  /** What the picture shows, for who cannot see it. */
  label: string;
  /** Must be memoised: a new one draws anew. */
  option: (theme: ChartTheme) => EChartsCoreOption;
  height: number;
  onClick?: ((hit: Hit, isNewTab: boolean) => void) | undefined;
  /** What the tooltip says. */
  hover?: ((hit: Hit) => ReactNode) | undefined;
  /** Press and drag takes what is within, instead of moving the view. */
  isBrushing?: boolean;
  onBrush?: ((series: number, indices: readonly number[]) => void) | undefined;
  /** The chart itself, for events of one kind of chart. */
  onReady?: ((chart: ECharts) => void) | undefined;
  ref?: Ref<ChartHandle>;
}

interface PointerEventOfChart {
  seriesIndex?: number;
  dataIndex?: number;
  event?: { offsetX: number; offsetY: number; event: MouseEvent };
}

/** A chart of ECharts: draws `option` in the colours of the theme, follows the size of its place. */
export function EChart({ label, option, height, hover, isBrushing = false, ref, ...on }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [at, setAt] = useState<{ hit: Hit; x: number; y: number } | null>(null);
  const theme = useChartTheme();
  const handlers = useRef(on);
  handlers.current = on;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let made: ECharts | null = null;
    let isGone = false;
    const observer = new ResizeObserver(() => made?.resize());
    void import('./library').then(({ init }) => {
      if (isGone) return;
      made = init(element, null, { renderer: 'canvas' });
      observer.observe(element);
      setChart(made);
    });
    return () => {
      isGone = true;
      observer.disconnect();
      made?.dispose();
      setChart(null);
    };
  }, []);

  useEffect(() => {
    if (!chart || chart.isDisposed()) return;
    chart.setOption({ animation: false, useUTC: isUtc(), ...option(theme) }, { notMerge: true });
    setAt(null);
  }, [chart, option, theme]);

  useEffect(() => {
    if (!chart) return;
    const hitOf = (event: PointerEventOfChart): Hit | null =>
      event.dataIndex === undefined ? null : { series: event.seriesIndex ?? 0, index: event.dataIndex };
    chart.on('mousemove', (raw) => {
      const event = raw as PointerEventOfChart;
      const hit = hitOf(event);
      if (hit && event.event) setAt({ hit, x: event.event.offsetX, y: event.event.offsetY });
    });
    chart.on('mouseout', () => setAt(null));
    chart.on('globalout', () => setAt(null));
    chart.on('click', (raw) => {
      const event = raw as PointerEventOfChart;
      const hit = hitOf(event);
      const pressed = event.event?.event;
      if (hit) handlers.current.onClick?.(hit, Boolean(pressed?.ctrlKey || pressed?.metaKey));
    });
    chart.on('brushselected', (raw) => {
      const { batch } = raw as {
        batch?: { selected?: { seriesIndex: number; dataIndex: number[] }[]; areas?: unknown[] }[];
      };
      if (!batch?.[0]?.areas?.length) return;
      for (const one of batch[0].selected ?? []) handlers.current.onBrush?.(one.seriesIndex, one.dataIndex);
    });
    handlers.current.onReady?.(chart);
  }, [chart]);

  useEffect(() => {
    if (!chart || chart.isDisposed()) return;
    chart.dispatchAction({
      type: 'takeGlobalCursor',
      ...(isBrushing && { key: 'brush', brushOption: { brushType: 'rect', brushMode: 'single' } }),
    });
    if (!isBrushing) chart.dispatchAction({ type: 'brush', areas: [] });
  }, [chart, isBrushing, option, theme]);

  useImperativeHandle(ref, () => ({
    exportPng: (name) => {
      if (!chart) return;
      const link = document.createElement('a');
      link.href = chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: theme.bg });
      link.download = fileName(name, 'png');
      link.click();
    },
  }));

  const tip = at && hover?.(at.hit);
  const width = place.current?.clientWidth ?? 0;
  return (
    <div className={styles.chart} style={{ height }}>
      <div ref={place} role="img" aria-label={label} className={styles.canvas} />
      {at && tip && (
        <div
          className={styles.tip}
          data-side={at.x > width / 2 ? 'left' : 'right'}
          data-edge={at.y > height / 2 ? 'bottom' : 'top'}
          style={{ left: at.x, top: at.y }}
        >
          {tip}
        </div>
      )}
    </div>
  );
}
