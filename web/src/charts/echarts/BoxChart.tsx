import { useCallback, useMemo } from 'react';
import { shortNumber } from '../../format/number';
import { boxesOf, groupsOf } from '../boxes';
import type { BoxConfig } from '../chartConfig';
import { jitter } from '../points';
import { type Axis, axisOf, leftOut, runs } from '../runData';
import { ChartPanel } from './ChartPanel';
import panel from './ChartPanel.module.css';
import { type ChartTheme, resolvedColors } from './chartTheme';
import { EChart, type Hit } from './EChart';
import { axisOption, type ChartProps, GRID, RunTip, textStyle, TipRow } from './parts';

/** A metric by the values of a param or tag: a box for each, and every run as a point over it. */
export function BoxChart({ data, config, title, height = 420, onOpenRun }: ChartProps<BoxConfig>) {
  const y = useMemo(() => axisOf(data, config.y), [data, config.y]);
  const by = useMemo(() => (config.by ? axisOf(data, config.by) : null), [data, config.by]);
  const ylog = config.ylog && y.kind === 'number';
  const boxes = useMemo(() => {
    const drawn: Axis = ylog
      ? { ...y, values: y.values.map((one) => (one !== null && one > 0 ? one : null)) }
      : y;
    const grouped = by && groupsOf(by);
    return boxesOf(drawn, grouped?.groups ?? null, grouped?.order ?? []);
  }, [y, by, ylog]);
  const points = useMemo(
    () =>
      boxes.flatMap((box, place) => box.runs.map((run, i) => ({ run, place, value: box.values[i] ?? 0 }))),
    [boxes],
  );

  const option = useCallback(
    (theme: ChartTheme) => {
      const colors = resolvedColors(data.colors);
      const names: Axis = {
        ...y,
        label: by?.label ?? '',
        kind: 'category',
        categories: boxes.map((box) => box.name),
      };
      const many = points.length > 2000;
      return {
        textStyle: textStyle(theme),
        grid: GRID,
        xAxis: [
          { ...axisOption(names, theme, false, 28), splitLine: { show: false } },
          // The points' own axis: a category has no places beside its middle.
          { type: 'value', min: -0.5, max: boxes.length - 0.5, show: false },
        ],
        yAxis: axisOption(y, theme, ylog, 48),
        series: [
          {
            type: 'boxplot',
            boxWidth: [16, '40%'],
            itemStyle: { color: theme.grid, borderColor: theme.muted, borderWidth: 1.5 },
            data: boxes.map(({ statistics: s }) => [s.low, s.first, s.median, s.third, s.high]),
          },
          {
            type: 'scatter',
            xAxisIndex: 1,
            symbolSize: many ? 4 : 7,
            itemStyle: { opacity: many ? 0.5 : 0.85 },
            data: points.map((one) => ({
              value: [one.place + jitter(data.ids[one.run] ?? '') * 0.14, one.value],
              itemStyle: { color: colors[one.run] },
            })),
          },
        ],
      };
    },
    [data, y, by, ylog, boxes, points],
  );

  const name = title ?? (by ? `${y.label} by ${by.label}` : y.label);
  const summary = `${runs(points.length)} in ${boxes.length} ${boxes.length === 1 ? 'box' : 'boxes'}. ${boxes
    .slice(0, 6)
    .map((box) => `${box.name}: median ${shortNumber(box.statistics.median)} of ${box.statistics.count}`)
    .join('; ')}${boxes.length > 6 ? '; …' : '.'}`;
  const tip = ({ series, index }: Hit) => {
    if (series === 1) {
      const run = points[index]?.run;
      return run === undefined ? null : <RunTip data={data} run={run} axes={[y, by]} />;
    }
    const box = boxes[index];
    if (!box) return null;
    const { count, high, third, median, mean, first, low } = box.statistics;
    return (
      <>
        <p className={panel.name}>{box.name}</p>
        <dl className={panel.tip}>
          <TipRow name="runs" value={String(count)} />
          {Object.entries({
            'upper whisker': high,
            '75 %': third,
            median,
            mean,
            '25 %': first,
            'lower whisker': low,
          }).map(([label, value]) => (
            <TipRow key={label} name={label} value={shortNumber(value)} />
          ))}
        </dl>
      </>
    );
  };
  return (
    <ChartPanel
      title={name}
      summary={summary}
      note={leftOut([y], ylog ? [y.column] : [])}
      table={() => ({
        header: [
          by?.label ?? 'group',
          'runs',
          'lower whisker',
          '25 %',
          'median',
          'mean',
          '75 %',
          'upper whisker',
        ],
        rows: boxes.map(({ name: group, statistics: s }) => ({
          id: '',
          cells: [group, s.count, s.low, s.first, s.median, s.mean, s.third, s.high],
        })),
      })}
      empty={boxes.length ? null : `No run has ${y.label} as a number that can be drawn.`}
    >
      {(chart) => (
        <EChart
          ref={chart}
          label={`${name}. ${summary}`}
          option={option}
          height={height}
          hover={tip}
          onClick={({ series, index }, isNewTab) => {
            const id = series === 1 && data.ids[points[index]?.run ?? -1];
            if (id) onOpenRun?.(id, isNewTab);
          }}
        />
      )}
    </ChartPanel>
  );
}
