/** What the charts have in common: axes, keys of colours, tooltips. */

import { shortNumber } from '../../format/number';
import { localTime } from '../../format/time';
import { paletteColor, paletteGradient, shareOf } from '../palette';
import { type Axis, cellText, extent, type RunData, valueText } from '../runData';
import panel from './ChartPanel.module.css';
import { type ChartTheme, resolvedColors } from './chartTheme';

export interface ChartProps<Config> {
  data: RunData;
  config: Config;
  title?: string | undefined;
  height?: number | undefined;
  onOpenRun?: ((runId: string, isNewTab: boolean) => void) | undefined;
  onSelectRuns?: ((runIds: readonly string[]) => void) | undefined;
}

/** A label says no less than which day or minute it is. */
const TIME_LABELS = {
  year: '{yyyy}',
  month: '{MMM} {yyyy}',
  day: '{MMM} {d}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
  second: '{HH}:{mm}:{ss}',
};

/** An axis of ECharts in the colours of the theme. */
export function axisOption(axis: Axis, theme: ChartTheme, isLog: boolean, nameGap: number) {
  const base = {
    name: axis.label,
    nameLocation: 'middle' as const,
    nameGap,
    nameTruncate: { maxWidth: 280 },
    nameTextStyle: { color: theme.muted, fontFamily: theme.font, fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.border } },
    axisTick: { lineStyle: { color: theme.border } },
    splitLine: { show: true, lineStyle: { color: theme.grid } },
    minorSplitLine: { show: false },
  };
  const label = { color: theme.muted, fontFamily: theme.font, fontSize: 11, hideOverlap: true };
  if (axis.kind === 'category') {
    return {
      ...base,
      type: 'category' as const,
      data: [...axis.categories],
      axisLabel: { ...label, width: 110, overflow: 'truncate' as const },
    };
  }
  if (axis.kind === 'time') {
    return { ...base, type: 'time' as const, axisLabel: { ...label, formatter: TIME_LABELS } };
  }
  return {
    ...base,
    type: isLog ? ('log' as const) : ('value' as const),
    scale: true,
    axisLabel: { ...label, formatter: (value: number) => shortNumber(value) },
  };
}

/** Room around a chart with two axes. */
export const GRID = { left: 64, right: 20, top: 12, bottom: 44 };

export function textStyle(theme: ChartTheme) {
  return { fontFamily: theme.font, color: theme.text };
}

/** The colour of each run: by an axis, or the run's own. */
export function colorsBy(data: RunData, axis: Axis | null, theme: ChartTheme): string[] {
  if (!axis) return resolvedColors(data.colors);
  if (axis.kind === 'category') {
    return axis.values.map((value) =>
      value === null ? theme.border : (theme.series[value % theme.series.length] ?? theme.border),
    );
  }
  const bounds = extent(axis.values) ?? [0, 0];
  return axis.values.map((value) =>
    value === null ? theme.border : paletteColor(shareOf(value, bounds), theme.shade),
  );
}

/** What the colours mean. */
export function ColorKey({ axis, theme }: { axis: Axis | null; theme: ChartTheme }) {
  if (!axis) return null;
  const missing = axis.missing + axis.notFinite > 0;
  const grey = missing && (
    <li>
      <span className={panel.dot} style={{ background: theme.border }} />
      no value
    </li>
  );
  if (axis.kind === 'category') {
    const shown = axis.categories.slice(0, 12);
    return (
      <ul className={panel.key} aria-label={`Colours: ${axis.label}`}>
        <li>{axis.label}:</li>
        {shown.map((name, i) => (
          <li key={name}>
            <span
              className={panel.dot}
              style={{ background: theme.series[i % theme.series.length] ?? theme.border }}
            />
            {name}
          </li>
        ))}
        {axis.categories.length > shown.length && <li>and {axis.categories.length - shown.length} more</li>}
        {grey}
      </ul>
    );
  }
  const bounds = extent(axis.values);
  if (!bounds) return null;
  return (
    <ul className={panel.key} aria-label={`Colours: ${axis.label}`}>
      <li>{axis.label}:</li>
      <li>
        {valueText(axis, bounds[0])}
        <span className={panel.ramp} style={{ background: paletteGradient(theme.shade) }} />
        {valueText(axis, bounds[1])}
      </li>
      {grey}
    </ul>
  );
}

/** A run under the pointer: its name and what it has on each axis. */
export function RunTip({ data, run, axes }: { data: RunData; run: number; axes: readonly (Axis | null)[] }) {
  const different = [...new Map(axes.flatMap((axis) => (axis ? [[axis.column, axis]] : []))).values()];
  return (
    <>
      <p className={panel.name}>
        <span className={panel.dot} style={{ background: data.colors[run] ?? 'transparent' }} />
        {data.names[run]}
      </p>
      <dl className={panel.tip}>
        {different.map((axis) => (
          <TipRow key={axis.column} name={axis.label} value={cellText(data, axis, run)} />
        ))}
      </dl>
    </>
  );
}

export function TipRow({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** `0.1 to 0.9`. */
export function rangeText(axis: Axis): string {
  if (axis.kind === 'category') return `${axis.categories.length} values of ${axis.label}`;
  const bounds = extent(axis.values);
  if (!bounds) return `no ${axis.label}`;
  const [low, high] = bounds.map((one) => (axis.kind === 'time' ? localTime(one) : shortNumber(one)));
  return low === high ? `${axis.label} ${low}` : `${axis.label} from ${low} to ${high}`;
}

/** The rows behind a chart of runs: their name and the value on each axis. */
export function runsTable(data: RunData, axes: readonly (Axis | null)[]) {
  const different = [...new Map(axes.flatMap((axis) => (axis ? [[axis.column, axis]] : []))).values()];
  return {
    header: ['run', ...different.map((axis) => axis.label)],
    rows: data.ids.map((id, i) => ({
      id,
      cells: [
        data.names[i] ?? '',
        ...different.map((axis) =>
          axis.kind === 'number' && axis.values[i] !== null ? axis.values[i] : cellText(data, axis, i),
        ),
      ],
    })),
  };
}
