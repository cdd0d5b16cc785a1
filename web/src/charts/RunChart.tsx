import { lazy, Suspense } from 'react';
import { Skeleton } from '../design/States';
import type { ChartConfig } from './chartConfig';
import type { RunData } from './runData';

// Fetched with the first chart of its kind; ECharts itself with the first of any.
const ScatterChart = lazy(async () => ({ default: (await import('./echarts/ScatterChart')).ScatterChart }));
const BoxChart = lazy(async () => ({ default: (await import('./echarts/BoxChart')).BoxChart }));
const ParallelChart = lazy(async () => ({
  default: (await import('./echarts/ParallelChart')).ParallelChart,
}));
const BarChart = lazy(async () => ({ default: (await import('./echarts/BarChart')).BarChart }));
const ContourChart = lazy(async () => ({ default: (await import('./echarts/ContourChart')).ContourChart }));
const MetricOverRuns = lazy(async () => ({
  default: (await import('./echarts/MetricOverRuns')).MetricOverRuns,
}));

interface Props {
  data: RunData;
  config: ChartConfig;
  height?: number;
  onOpenRun?: (runId: string, isNewTab: boolean) => void;
  onSelectRuns?: (runIds: readonly string[]) => void;
  /** Called when the reader changes the chart in place, as by moving an axis. */
  onChange?: (config: ChartConfig) => void;
}

/** A chart of runs, of whichever kind. */
export function RunChart({ config, onChange, ...rest }: Props) {
  return (
    <Suspense fallback={<Skeleton label="Loading chart" />}>
      {config.kind === 'scatter' && <ScatterChart config={config} {...rest} />}
      {config.kind === 'box' && <BoxChart config={config} {...rest} />}
      {config.kind === 'parallel' && (
        <ParallelChart
          config={config}
          {...rest}
          onChangeAxes={onChange && ((axes) => onChange({ ...config, ...axes }))}
        />
      )}
      {config.kind === 'bar' && <BarChart config={config} {...rest} />}
      {config.kind === 'contour' && <ContourChart config={config} {...rest} />}
      {config.kind === 'over-runs' && <MetricOverRuns config={config} {...rest} />}
    </Suspense>
  );
}
