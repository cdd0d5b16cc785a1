import { useMemo } from 'react';
import ChartBoard from '../../charts/ChartBoard';
import { list } from '../../url/codec';
import { usePageState } from '../../url/usePageState';
import type { ComparedRun } from './useComparedRuns';

const schema = {
  /** Runs that are not drawn. */
  hide: list,
};

/** As many as the series of one board are asked for. */
const MOST = 200;

/** All metrics of the compared runs over their steps. */
export default function ChartsTab({ runs }: { runs: readonly ComparedRun[] }) {
  const [state, patch] = usePageState(schema);
  const drawn = useMemo(
    () => runs.slice(0, MOST).map((run) => ({ ...run, isRunning: run.status === 'RUNNING' })),
    [runs],
  );
  return <ChartBoard runs={drawn} total={runs.length} hide={state.hide} onHide={(hide) => patch({ hide })} />;
}
