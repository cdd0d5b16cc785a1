import type uPlot from 'uplot';
import { resolvedColor } from '../../runs/colors';
import { DURATION_STEPS, durationTick, logTicks, numberTick, STEP_STEPS, timeTicks } from './axes';
import type { PlotState } from './plot';

const FONT = '12px Inter, system-ui, sans-serif';
/** Between two ticks, in CSS pixels. */
const SPACE_X = 64;
const SPACE_Y = 36;

/** uPlot's axes in the page's colours; read anew with each drawing, as the theme may have changed. */
export function plotAxes(state: PlotState): uPlot.Axis[] {
  const look: uPlot.Axis = {
    font: FONT,
    stroke: () => resolvedColor('var(--text-muted)'),
    grid: { stroke: () => resolvedColor('var(--grid-line)'), width: 1 },
    ticks: { show: false },
    border: { show: false },
  };
  return [
    { ...look, space: SPACE_X, size: 26, gap: 4, ...xAxis(state) },
    {
      ...look,
      ...(state.isLogY ? logAxis(SPACE_Y) : { values: (_: uPlot, ticks: number[]) => ticks.map(numberTick) }),
      space: SPACE_Y,
      gap: 4,
      size: (plot: uPlot, texts: string[] | null) => yWidth(plot, texts),
    },
  ];
}

function xAxis(state: PlotState): uPlot.Axis {
  if (state.isLogX) return logAxis(SPACE_X);
  switch (state.xKind) {
    case 'time':
      // A line more, for dates.
      return { size: 42, values: (_, ticks, _axis, _space, step) => timeTicks(ticks, step) };
    case 'relative':
      return { incrs: DURATION_STEPS, values: (_, ticks) => ticks.map(durationTick) };
    case 'step':
      return { incrs: STEP_STEPS, values: (_, ticks) => ticks.map(numberTick) };
    case 'metric':
      return { values: (_, ticks) => ticks.map(numberTick) };
  }
}

function logAxis(space: number): uPlot.Axis {
  return {
    splits: (plot, axis, min, max) => {
      const pixels = axis === 0 ? plot.over.clientWidth : plot.over.clientHeight;
      return logTicks(min, max, Math.max(2, Math.floor((pixels || 300) / space)));
    },
    filter: (_, ticks) => ticks,
    values: (_, ticks) => ticks.map(numberTick),
  };
}

/** As wide as the longest text, in steps, so that a new tick does not move the whole chart. */
function yWidth(plot: uPlot, texts: string[] | null): number {
  if (!texts?.length) return 44;
  plot.ctx.save();
  plot.ctx.font = FONT;
  const longest = Math.max(...texts.map((text) => plot.ctx.measureText(text ?? '').width));
  plot.ctx.restore();
  return Math.max(44, Math.ceil((longest + 10) / 8) * 8);
}
