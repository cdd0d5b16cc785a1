import { useCallback, useMemo } from 'react';
import { shortNumber } from '../../format/number';
import type { ContourConfig } from '../chartConfig';
import { cellsOf, type HeatCell, isolines, levels, type Surface, surfaceOf } from '../contour';
import { inkOn, paletteBytes, paletteColor, shareOf } from '../palette';
import { isLog, placed } from '../points';
import { asCategories, type Axis, axisOf, extent, leftOut, runs, valueText } from '../runData';
import { cellSeries } from './cellSeries';
import { ChartPanel } from './ChartPanel';
import panel from './ChartPanel.module.css';
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
  TipRow,
} from './parts';
import { surfaceSeries } from './surfaceSeries';

const COLUMNS = 72;
const ROWS = 54;
const LEVELS = 8;
/** On each side of a heat map. */
const MOST_CELLS = 60;

/** A metric over two params: the runs, and what lies between them. Categories have cells with their mean instead. */
export function ContourChart({ data, config, title, height = 420, onOpenRun }: ChartProps<ContourConfig>) {
  const theme = useChartTheme();
  const [x, y] = useMemo(() => {
    const axes = [axisOf(data, config.x), axisOf(data, config.y)] as const;
    return axes.some((axis) => axis.kind === 'category')
      ? ([asCategories(axes[0], MOST_CELLS), asCategories(axes[1], MOST_CELLS)] as const)
      : axes;
  }, [data, config.x, config.y]);
  const z = useMemo(() => axisOf(data, config.z), [data, config.z]);
  const [xlog, ylog] = [isLog(x, config.xlog), isLog(y, config.ylog)];
  const points = useMemo(
    () => placed(x, y, xlog, ylog).flatMap((one) => withHeight(one, z)),
    [x, y, z, xlog, ylog],
  );
  const isMixed = (x.kind === 'category') !== (y.kind === 'category');
  const cells = useMemo(
    () => (x.kind === 'category' && y.kind === 'category' ? cellsOf(points) : null),
    [x, y, points],
  );
  const box = useMemo(() => {
    const [xs, ys] = [
      extent(points.map((one) => flat(one.x, xlog))),
      extent(points.map((one) => flat(one.y, ylog))),
    ];
    return xs && ys ? { x: xs, y: ys } : null;
  }, [points, xlog, ylog]);
  const surface = useMemo((): Surface | null => {
    if (cells || isMixed || !box) return null;
    return surfaceOf(
      points.map((one) => ({
        x: shareOf(flat(one.x, xlog), box.x),
        y: shareOf(flat(one.y, ylog), box.y),
        z: one.z,
      })),
      COLUMNS,
      ROWS,
    );
  }, [points, box, cells, isMixed, xlog, ylog]);

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
          cells
            ? cellSeries({
                cells,
                colorAt,
                inkAt: (value) => inkOn(shareOf(value, heights), look.shade),
                font: look.font,
              })
            : {
                type: 'scatter',
                z: 3,
                symbolSize: 8,
                itemStyle: { borderColor: look.text, borderWidth: 1 },
                data: points.map((one) => ({
                  value: [one.x, one.y],
                  itemStyle: { color: colorAt(one.z) },
                })),
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
    [points, surface, box, cells, x, y, xlog, ylog],
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
        !surface && !cells && !isMixed && points.length > 0
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
              if (series !== 0) return null;
              const cell = cells?.[index];
              if (cell && cell.runs.length > 1) return <CellTip axes={[x, y, z]} cell={cell} />;
              const run = cell ? cell.runs[0] : points[index]?.run;
              return run === undefined ? null : <RunTip data={data} run={run} axes={[x, y, z]} />;
            }}
            onClick={({ series, index }, isNewTab) => {
              const cell = cells?.[index];
              const run = cell ? (cell.runs.length === 1 ? cell.runs[0] : undefined) : points[index]?.run;
              const id = series === 0 && data.ids[run ?? -1];
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

function CellTip({ axes: [x, y, z], cell }: { axes: readonly [Axis, Axis, Axis]; cell: HeatCell }) {
  return (
    <>
      <p className={panel.name}>{runs(cell.runs.length)}</p>
      <dl className={panel.tip}>
        <TipRow name={x.label} value={valueText(x, cell.x)} />
        <TipRow name={y.label} value={valueText(y, cell.y)} />
        <TipRow name={`mean ${z.label}`} value={shortNumber(cell.z)} />
      </dl>
    </>
  );
}
