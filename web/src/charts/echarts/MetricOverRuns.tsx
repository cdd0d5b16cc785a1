import { useCallback, useMemo } from 'react';
import type { OverRunsConfig } from '../chartConfig';
import { directionOf } from '../direction';
import { isLog, placed } from '../points';
import { axisOf, leftOut, runs } from '../runData';
import { bestSoFar } from '../statistics';
import { ChartPanel } from './ChartPanel';
import { type ChartTheme, useChartTheme } from './chartTheme';
import { EChart } from './EChart';
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

/** A metric against the time its run started, and the best so far where it is known which way is better. */
export function MetricOverRuns({ data, config, title, height = 420, onOpenRun }: ChartProps<OverRunsConfig>) {
  const theme = useChartTheme();
  const x = useMemo(() => axisOf(data, 'attribute.start_time'), [data]);
  const y = useMemo(() => axisOf(data, config.y), [data, config.y]);
  const color = useMemo(() => (config.color ? axisOf(data, config.color) : null), [data, config.color]);
  const ylog = isLog(y, config.ylog);
  const points = useMemo(() => placed(x, y, false, ylog).sort((a, b) => a.x - b.x), [x, y, ylog]);
  const better = directionOf(config.y.slice(config.y.indexOf('.') + 1));

  const option = useCallback(
    (look: ChartTheme) => {
      const colors = colorsBy(data, color, look);
      const best = better
        ? bestSoFar(
            points.map((one) => one.y),
            better === 'up',
          )
        : [];
      return {
        textStyle: textStyle(look),
        grid: GRID,
        xAxis: axisOption(x, look, false, 28),
        yAxis: axisOption(y, look, ylog, 48),
        series: [
          {
            type: 'scatter',
            symbolSize: points.length > 2000 ? 6 : 10,
            itemStyle: { opacity: 0.9, borderColor: look.bg, borderWidth: 1 },
            data: points.map((one) => ({ value: [one.x, one.y], itemStyle: { color: colors[one.run] } })),
          },
          {
            type: 'line',
            step: 'end',
            silent: true,
            symbol: 'none',
            lineStyle: { color: look.muted, width: 1.5, type: 'dashed' },
            data: best.map((value, i) => [points[i]?.x, value]),
          },
        ],
      };
    },
    [data, color, points, x, y, ylog, better],
  );

  const name = title ?? `${y.label} over runs`;
  const summary = `${runs(points.length)}: ${rangeText(x)}, ${rangeText(y)}.${
    better ? ` The dashed line is the best so far (${better === 'up' ? 'higher' : 'lower'} is better).` : ''
  }`;
  return (
    <ChartPanel
      title={name}
      summary={summary}
      note={leftOut([x, y], ylog ? [y.column] : [])}
      table={() => runsTable(data, [x, y, color])}
      empty={points.length ? null : `No run has ${y.label} as a number that can be drawn.`}
      onOpenRun={onOpenRun}
    >
      {(chart) => (
        <>
          <ColorKey axis={color} theme={theme} />
          <EChart
            ref={chart}
            label={`${name}. ${summary}`}
            option={option}
            height={height}
            hover={({ series, index }) => {
              const run = series === 0 ? points[index]?.run : undefined;
              return run === undefined ? null : <RunTip data={data} run={run} axes={[x, y, color]} />;
            }}
            onClick={({ series, index }, isNewTab) => {
              const id = series === 0 && data.ids[points[index]?.run ?? -1];
              if (id) onOpenRun?.(id, isNewTab);
            }}
          />
        </>
      )}
    </ChartPanel>
  );
}
