import { useCallback, useMemo } from 'react';
import { shortNumber } from '../../format/number';
import type { BarConfig } from '../chartConfig';
import { axisOf, leftOut, runs } from '../runData';
import { ChartPanel } from './ChartPanel';
import { type ChartTheme, resolvedColors } from './chartTheme';
import { EChart } from './EChart';
import { axisOption, type ChartProps, rangeText, RunTip, runsTable, textStyle } from './parts';

/** More bars nobody reads; the table has them all. */
const MOST = 100;
const BAR = 24;

/** The runs by one value, the greatest first. */
export function BarChart({ data, config, title, onOpenRun }: ChartProps<BarConfig>) {
  const axis = useMemo(() => axisOf(data, config.x), [data, config.x]);
  const bars = useMemo(
    () =>
      axis.kind === 'category'
        ? []
        : axis.values
            .flatMap((value, run) => (value === null ? [] : [{ run, value }]))
            .sort((a, b) => b.value - a.value),
    [axis],
  );
  const shown = useMemo(() => bars.slice(0, MOST), [bars]);

  const option = useCallback(
    (theme: ChartTheme) => {
      const colors = resolvedColors(data.colors);
      return {
        textStyle: textStyle(theme),
        grid: { left: 168, right: 72, top: 4, bottom: 24 },
        xAxis: { ...axisOption(axis, theme, false, 28), name: '', scale: false, splitNumber: 4 },
        yAxis: {
          type: 'category',
          inverse: true,
          data: shown.map(({ run }) => data.names[run] ?? ''),
          axisLine: { lineStyle: { color: theme.border } },
          axisTick: { show: false },
          axisLabel: {
            color: theme.text,
            fontFamily: theme.font,
            fontSize: 12,
            width: 150,
            overflow: 'truncate',
            interval: 0,
          },
        },
        series: [
          {
            type: 'bar',
            barCategoryGap: '30%',
            label: {
              show: true,
              position: 'right',
              color: theme.muted,
              fontFamily: theme.font,
              fontSize: 11,
              formatter: ({ dataIndex }: { dataIndex: number }) =>
                shortNumber(shown[dataIndex]?.value ?? NaN),
            },
            data: shown.map(({ run, value }) => ({ value, itemStyle: { color: colors[run] } })),
          },
        ],
      };
    },
    [axis, data, shown],
  );

  const name = title ?? axis.label;
  const summary = `${runs(bars.length)}, ${rangeText(axis)}.${
    bars.length > MOST ? ` The ${MOST} greatest are drawn; the table has all.` : ''
  }`;
  return (
    <ChartPanel
      title={name}
      summary={summary}
      note={leftOut([axis])}
      table={() => {
        const all = runsTable(data, [axis]);
        return { ...all, rows: bars.flatMap(({ run }) => all.rows[run] ?? []) };
      }}
      empty={bars.length ? null : `No run has ${axis.label} as a number that can be drawn.`}
      onOpenRun={onOpenRun}
    >
      {(chart) => (
        <EChart
          ref={chart}
          label={`${name}. ${summary}`}
          option={option}
          height={Math.max(80, shown.length * BAR + 32)}
          hover={({ index }) => {
            const run = shown[index]?.run;
            return run === undefined ? null : <RunTip data={data} run={run} axes={[axis]} />;
          }}
          onClick={({ index }, isNewTab) => {
            const id = data.ids[shown[index]?.run ?? -1];
            if (id) onOpenRun?.(id, isNewTab);
          }}
        />
      )}
    </ChartPanel>
  );
}
