import { useCallback, useMemo } from 'react';
import { shortNumber } from '../../format/number';
import type { ContourConfig } from '../chartConfig';
import { isolines, levels, type Surface, surfaceOf } from '../contour';
import { paletteBytes, paletteColor, shareOf } from '../palette';
import { isLog, placed } from '../points';
import { type Axis, axisOf, extent, leftOut, runs } from '../runData';
import { ChartPanel } from './ChartPanel';
import { type ChartTheme, useChartTheme } from './chartTheme';
import { EChart } from './EChart';
import {
  axisOption,
  type ChartProps,
  ColorKey,
  GRID,
  rangeText,
  RunTip,
  runsTable,
  textStyle,
} from './parts';
import { surfaceSeries } from './surfaceSeries';

const COLUMNS = 72;
const ROWS = 54;
const LEVELS = 8;

/** A metric over two params: the runs, and what lies between them. Categories have cells with their mean instead. */
export function ContourChart({ data, config, title, height = 420, onOpenRun }: ChartProps<ContourConfig>) {
  const theme = useChartTheme();
  const x = useMemo(() => axisOf(data, config.x), [data, config.x]);
  const y = useMemo(() => axisOf(data, config.y), [data, config.y]);
  const z = useMemo(() => axisOf(data, config.z), [data, config.z]);
  const [xlog, ylog] = [isLog(x, config.xlog), isLog(y, config.ylog)];
  const points = useMemo(
    () => placed(x, y, xlog, ylog).flatMap((one) => withHeight(one, z)),
    [x, y, z, xlog, ylog],
  );
  const hasCells = x.kind === 'category' || y.kind === 'category';
  const box = useMemo(() => {
    const [xs, ys] = [
      extent(points.map((one) => flat(one.x, xlog))),
      extent(points.map((one) => flat(one.y, ylog))),
    ];
    return xs && ys ? { x: xs, y: ys } : null;
  }, [points, xlog, ylog]);
  const surface = useMemo((): Surface | null => {
    if (hasCells || !box) return null;
    return surfaceOf(
      points.map((one) => ({
        x: shareOf(flat(one.x, xlog), box.x),
        y: shareOf(flat(one.y, ylog), box.y),
        z: one.z,
      })),
      COLUMNS,
      ROWS,
    );
  }, [points, box, hasCells, xlog, ylog]);

  const option = useCallback(
    (look: ChartTheme) => {
      const heights = extent(points.map((one) => one.z)) ?? [0, 0];
      const colorAt = (value: number) => paletteColor(shareOf(value, heights), look.shade);
      const place = (share: number, bounds: readonly [number, number], isLogarithmic: boolean) => {
        const value = bounds[0] + share * (bounds[1] - bounds[0]);
        return isLogarithmic ? 10 ** value : value;
      };
      return {
        textStyle: textStyle(look),
        grid: GRID,
        xAxis: { ...axisOption(x, look, xlog, 28), splitLine: { show: false } },
        yAxis: { ...axisOption(y, look, ylog, 48), splitLine: { show: false } },
        series: [
          {
            type: 'scatter',
            z: 3,
            symbolSize: hasCells ? 14 : 8,
            ...(hasCells && { symbol: 'rect' }),
            itemStyle: { borderColor: look.text, borderWidth: 1 },
            data: points.map((one) => ({ value: [one.x, one.y], itemStyle: { color: colorAt(one.z) } })),
          },
          ...(surface && box
            ? [
                surfaceSeries({
                  surface,
                  corners: [
                    [place(0, box.x, xlog), place(0, box.y, ylog)],
                    [place(1, box.x, xlog), place(1, box.y, ylog)],
                  ],
                  bytesAt: (value) => paletteBytes(shareOf(value, heights), look.shade),
                  lines: levels(heights, LEVELS).flatMap((level) => isolines(surface, level)),
                  lineColor: look.bg,
                }),
              ]
            : []),
        ],
      };
    },
    [points, surface, box, hasCells, x, y, xlog, ylog],
  );

  const name = title ?? `${z.label} by ${x.label} and ${y.label}`;
  const best = extent(points.map((one) => one.z));
  const summary = `${runs(points.length)}: ${rangeText(x)}, ${rangeText(y)}, ${
    best ? `${z.label} from ${shortNumber(best[0])} to ${shortNumber(best[1])}` : `no ${z.label}`
  }.${surface ? ' Between the runs: their mean, weighted by distance; nothing is said outside of them.' : ''}`;
  return (
    <ChartPanel
      title={name}
      summary={summary}
      note={[
        leftOut([x, y, z], [...(xlog ? [x.column] : []), ...(ylog ? [y.column] : [])]),
        !surface && !hasCells && points.length > 0
          ? 'The runs lie on one line: there is no surface between them.'
          : '',
      ]
        .filter(Boolean)
        .join(' ')}
      table={() => runsTable(data, [x, y, z])}
      empty={
        points.length
          ? null
          : `No run has ${x.label}, ${y.label} and ${z.label} as something that can be drawn.`
      }
      onOpenRun={onOpenRun}
    >
      {(chart) => (
        <>
          <ColorKey axis={z} theme={theme} />
          <EChart
            ref={chart}
            label={`${name}. ${summary}`}
            option={option}
            height={height}
            hover={({ series, index }) => {
              const run = series === 0 ? points[index]?.run : undefined;
              return run === undefined ? null : <RunTip data={data} run={run} axes={[x, y, z]} />;
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

function withHeight<P extends { run: number }>(point: P, z: Axis): (P & { z: number })[] {
  const value = z.kind === 'category' ? null : (z.values[point.run] ?? null);
  return value === null ? [] : [{ ...point, z: value }];
}

function flat(value: number, isLogarithmic: boolean): number {
  return isLogarithmic ? Math.log10(value) : value;
}
