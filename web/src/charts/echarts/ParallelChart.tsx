import type { ECharts } from 'echarts/core';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Button } from '../../design/Button';
import type { ParallelConfig } from '../chartConfig';
import { axisOf, positive, runs } from '../runData';
import { ChartPanel } from './ChartPanel';
import { type ChartTheme, useChartTheme } from './chartTheme';
import { EChart } from './EChart';
import { ParallelAxisHeaders } from './ParallelAxisHeaders';
import { axisOption, type ChartProps, ColorKey, colorsBy, RunTip, runsTable, textStyle } from './parts';
import styles from './ParallelChart.module.css';

interface Props extends ChartProps<ParallelConfig> {
  /** Called when the reader moves or removes an axis, or makes it logarithmic. */
  onChangeAxes?: ((change: Pick<ParallelConfig, 'axes' | 'log'>) => void) | undefined;
}

/** The room left and right of the outermost axes; ParallelChart.module.css has the same. */
const SIDE = 72;

/** A line for each run through what it has on each axis. A brush on an axis keeps the runs within. */
export function ParallelChart({
  data,
  config,
  title,
  height = 420,
  onOpenRun,
  onSelectRuns,
  onChangeAxes,
}: Props) {
  const theme = useChartTheme();
  const [within, setWithin] = useState<readonly number[] | null>(null);
  const made = useRef<ECharts>(null);
  const axes = useMemo(
    () =>
      config.axes.map((column) => {
        const axis = axisOf(data, column);
        return config.log.includes(column) ? positive(axis) : axis;
      }),
    [data, config.axes, config.log],
  );
  const color = useMemo(() => (config.color ? axisOf(data, config.color) : null), [data, config.color]);
  // A run that has nothing on any axis has no line; one with gaps goes past them.
  const lines = useMemo(
    () =>
      data.ids.flatMap((_, run) => (axes.some((axis) => (axis.values[run] ?? null) !== null) ? [run] : [])),
    [data, axes],
  );

  const option = useCallback(
    (look: ChartTheme) => {
      const colors = colorsBy(data, color, look);
      const opacity = Math.max(0.12, Math.min(0.85, 60 / Math.max(1, lines.length)));
      return {
        textStyle: textStyle(look),
        parallel: { left: SIDE, right: SIDE, top: 12, bottom: 12 },
        parallelAxis: axes.map((axis, dim) => {
          const { axisLabel, ...rest } = axisOption(axis, look, config.log.includes(axis.column), 0);
          return {
            ...rest,
            dim,
            name: '',
            boundaryGap: axis.kind === 'category' ? axis.categories.length < 2 : undefined,
            splitLine: { show: false },
            axisLine: { lineStyle: { color: look.border, width: 1.5 } },
            axisLabel: {
              ...axisLabel,
              color: look.text,
              width: 90,
              textBorderColor: look.bg,
              textBorderWidth: 3,
            },
            areaSelectStyle: {
              width: 18,
              borderColor: look.accent,
              borderWidth: 1,
              color: look.accent,
              opacity: 0.25,
            },
          };
        }),
        series: [
          {
            type: 'parallel',
            inactiveOpacity: 0.03,
            activeOpacity: Math.max(0.5, opacity),
            lineStyle: { width: lines.length > 500 ? 1 : 1.6, opacity },
            emphasis: { lineStyle: { width: 3, opacity: 1 } },
            data: lines.map((run) => ({
              value: axes.map((axis) => axis.values[run] ?? '-'),
              lineStyle: { color: colors[run] },
            })),
          },
        ],
      };
    },
    [data, axes, color, lines, config.log],
  );

  const onReady = (chart: ECharts) => {
    made.current = chart;
    chart.on('axisareaselected', () => setWithin(activeLines(chart)));
  };
  const name = title ?? (color ? `${axes.length} axes by ${color.label}` : `${axes.length} axes`);
  const gaps = axes.filter((axis) => axis.missing + axis.notFinite > 0);
  const kept = within && within.length < lines.length ? within : null;
  const summary = `${runs(lines.length)} through ${axes.map((axis) => axis.label).join(', ')}.`;
  return (
    <ChartPanel
      title={name}
      summary={summary}
      note={
        gaps.length
          ? `Lines go past an axis that has no place for what the run has: ${gaps
              .map((axis) => `${runs(axis.missing + axis.notFinite)} on ${axis.label}`)
              .join('; ')}.`
          : ''
      }
      table={() => runsTable(data, [...axes, color])}
      empty={axes.length < 2 ? 'Choose at least two axes.' : null}
      onOpenRun={onOpenRun}
      tools={
        kept && (
          <>
            <span role="status">
              {runs(kept.length)} of {lines.length.toLocaleString('en-US')} within
            </span>
            {onSelectRuns && (
              <Button
                kind="quiet"
                disabled={kept.length === 0}
                onClick={() => onSelectRuns(kept.flatMap((line) => data.ids[lines[line] ?? -1] ?? []))}
              >
                Select them
              </Button>
            )}
          </>
        )
      }
    >
      {(chart) => (
        <>
          <ColorKey axis={color} theme={theme} />
          <div className={styles.scroller} role="region" aria-label={name} tabIndex={0}>
            <div className={styles.wide} style={{ minWidth: axes.length * 120 }}>
              <ParallelAxisHeaders axes={axes} log={config.log} onChange={onChangeAxes} />
              <EChart
                ref={chart}
                label={`${name}. ${summary}`}
                option={option}
                height={height}
                onReady={onReady}
                hover={({ index }) => {
                  const run = lines[index];
                  return run === undefined ? null : <RunTip data={data} run={run} axes={[...axes, color]} />;
                }}
                onClick={({ index }, isNewTab) => {
                  const id = data.ids[lines[index] ?? -1];
                  if (id) onOpenRun?.(id, isNewTab);
                }}
              />
            </div>
          </div>
        </>
      )}
    </ChartPanel>
  );
}

/** Which lines the brushes keep. ECharts documents this way, but has no type for it. */
function activeLines(chart: ECharts): number[] {
  const { getModel } = chart as unknown as {
    getModel: () => {
      getSeries: () => { getRawIndicesByActiveState: (state: 'active' | 'normal') => number[] }[];
    };
  };
  const series = getModel.call(chart).getSeries()[0];
  if (!series) return [];
  return [...series.getRawIndicesByActiveState('active'), ...series.getRawIndicesByActiveState('normal')];
}
