import { useMemo } from 'react';
import type { RunSelection } from '../api/types';
import { ErrorNote, Skeleton } from '../design/States';
import { useRunColumns } from '../runs/useRunColumns';
import { type ChartConfig, columnsOf } from './chartConfig';
import { RunChart } from './RunChart';
import { NAME_COLUMNS, runDataOf } from './runData';

interface Props {
  selection: RunSelection;
  config: ChartConfig;
  /** Runs that the reader has hidden. */
  hidden?: readonly string[];
  colors?: ReadonlyMap<string, string>;
  height?: number;
  onOpenRun?: (runId: string, isNewTab: boolean) => void;
  onSelectRuns?: (runIds: readonly string[]) => void;
  onChange?: (config: ChartConfig) => void;
}

/** A chart that somebody added to a board: reads the columns it draws. Up to 10,000 runs. */
export function AddedChart({ selection, config, hidden, colors, ...rest }: Props) {
  const query = useRunColumns(selection, [...NAME_COLUMNS, ...columnsOf(config)]);
  const data = useMemo(
    () => query.data && runDataOf(query.data, { hidden, colors }),
    [query.data, hidden, colors],
  );
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!data) return <Skeleton label="Loading chart" />;
  return (
    <>
      <RunChart data={data} config={config} {...rest} />
      {query.data && query.data.total > query.data.ids.length && (
        <p role="note">
          {query.data.ids.length.toLocaleString('en-US')} of {query.data.total.toLocaleString('en-US')} runs
          are drawn: the first in the order of the table.
        </p>
      )}
    </>
  );
}
