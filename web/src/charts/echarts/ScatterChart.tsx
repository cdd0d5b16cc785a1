import { useCallback, useMemo, useState } from 'react';
import { IconButton } from '../../design/Button';
import { shortNumber } from '../../format/number';
import type { ScatterConfig } from '../chartConfig';
import { isLog, placed, radii } from '../points';
import { axisOf, leftOut, runs } from '../runData';
import { regression } from '../statistics';
import { ChartPanel } from './ChartPanel';
import { type ChartTheme, useChartTheme } from './chartTheme';
import { EChart, type Hit } from './EChart';
import {
  axisOption,
  type ChartProps,
  ColorKey,
  colorsBy,
  GRID,
  rangeText,
  RunTip,
  runsTable,
  textStyle,
} from './parts';

/** Runs by two of their values; colour and size may show two more. */
export function ScatterChart({
  data,
  config,
  title,
  height = 420,
  onOpenRun,
  onSelectRuns,
}: ChartProps<ScatterConfig>) {
  const [isBrushing, setBrushing] = useState(false);
  const theme = useChartTheme();
  const x = useMemo(() => axisOf(data, config.x), [data, config.x]);
  const y = useMemo(() => axisOf(data, config.y), [data, config.y]);
  const color = useMemo(() => (config.color ? axisOf(data, config.color) : null), [data, config.color]);
  const size = useMemo(() => (config.size ? axisOf(data, config.size) : null), [data, config.size]);
  const [xlog, ylog] = [isLog(x, config.xlog), isLog(y, config.ylog)];
  const points = useMemo(() => placed(x, y, xlog, ylog), [x, y, xlog, ylog]);
  const line = useMemo(() => {
    if (!config.regression || x.kind === 'category' || y.kind === 'category') return null;
    const flat = (value: number, isLogarithmic: boolean) => (isLogarithmic ? Math.log10(value) : value);
    return regression(points.map((one) => [flat(one.x, xlog), flat(one.y, ylog)]));
  }, [config.regression, points, x, y, xlog, ylog]);

  const option = useCallback(
    (look: ChartTheme) => {
      const colors = colorsBy(data, color, look);
      const radius = radii(size, 5);
      const many = points.length > 2000;
      return {
        textStyle: textStyle(look),
        grid: GRID,
        xAxis: axisOption(x, look, xlog, 28),
        yAxis: axisOption(y, look, ylog, 48),
        dataZoom: [0, 1].map((i) => ({
          type: 'inside',
          ...(i === 0 ? { xAxisIndex: 0 } : { yAxisIndex: 0 }),
          filterMode: 'none',
          zoomOnMouseWheel: 'ctrl',
          moveOnMouseWheel: false,
          disabled: isBrushing,
        })),
        ...(isBrushing && { brush: brushOption(look) }),
        series: [
          {
            type: 'scatter',
            data: points.map((one) => ({
              value: [one.x, one.y],
              symbolSize: 2 * (radius?.[one.run] ?? (many ? 3 : 5)),
              itemStyle: { color: colors[one.run] },
            })),
            itemStyle: { opacity: many ? 0.65 : 0.9, borderColor: look.bg, borderWidth: many ? 0 : 1 },
            emphasis: { itemStyle: { borderColor: look.text, borderWidth: 2 } },
            progressive: 0,
          },
          ...(line ? [lineSeries(points, line, xlog, ylog, look)] : []),
        ],
      };
    },
    [data, color, size, points, x, y, xlog, ylog, line, isBrushing],
  );

  const runAt = ({ series, index }: Hit) => (series === 0 ? points[index]?.run : undefined);
  const name = title ?? `${y.label} by ${x.label}`;
  const summary =
    `${runs(points.length)}: ${rangeText(x)}, ${rangeText(y)}.` +
    (line
      ? ` Regression line${xlog || ylog ? ' of logarithms' : ''}: slope ${shortNumber(line.slope)}, R² ${shortNumber(line.r2)}.`
      : '');
  return (
    <ChartPanel
      title={name}
      summary={summary}
      note={leftOut([x, y], [...(xlog ? [x.column] : []), ...(ylog ? [y.column] : [])])}
      table={() => runsTable(data, [x, y, color, size])}
      empty={
        points.length ? null : `No run has both ${x.label} and ${y.label} as something that can be drawn.`
      }
      onOpenRun={onOpenRun}
      tools={
        onSelectRuns && (
          <IconButton
            icon="expand"
            label="Select runs by drawing a rectangle"
            isOn={isBrushing}
            onClick={() => setBrushing(!isBrushing)}
          />
        )
      }
    >
      {(chart) => (
        <>
          <ColorKey axis={color} theme={theme} />
          <EChart
            ref={chart}
            label={`${name}. ${summary}`}
            option={option}
            height={height}
            isBrushing={isBrushing}
            onBrush={(series, indices) => {
              if (series !== 0) return;
              onSelectRuns?.(indices.flatMap((i) => data.ids[points[i]?.run ?? -1] ?? []));
            }}
            onClick={(hit, isNewTab) => {
              const id = data.ids[runAt(hit) ?? -1];
              if (id) onOpenRun?.(id, isNewTab);
            }}
            hover={(hit) => {
              const run = runAt(hit);
              return run === undefined ? null : <RunTip data={data} run={run} axes={[x, y, color, size]} />;
            }}
          />
        </>
      )}
    </ChartPanel>
  );
}

function brushOption(theme: ChartTheme) {
  return {
    xAxisIndex: 0,
    toolbox: [],
    throttleType: 'debounce',
    throttleDelay: 120,
    brushStyle: { borderColor: theme.accent, color: 'rgba(127,127,127,0.12)' },
    outOfBrush: { colorAlpha: 0.2 },
  };
}

/** The regression line between the outermost x. */
function lineSeries(
  points: readonly { x: number }[],
  line: { slope: number; intercept: number },
  xlog: boolean,
  ylog: boolean,
  theme: ChartTheme,
) {
  const xs = points.map((one) => one.x);
  const ends = [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))];
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    lineStyle: { color: theme.text, width: 1.5, type: 'dashed' },
    data: ends.map((end) => {
      const value = line.slope * (xlog ? Math.log10(end) : end) + line.intercept;
      return [end, ylog ? 10 ** value : value];
    }),
  };
}
