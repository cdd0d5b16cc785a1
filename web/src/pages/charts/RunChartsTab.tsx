import { useMemo } from 'react';
import type { Run } from '../../api/mlflow';
import ChartBoard from '../../charts/ChartBoard';
import { COLOR_TAG, runColor } from '../../runs/colors';

/** All metrics of one run, those of its machine too. */
export default function RunChartsTab({ run }: { run: Run }) {
  const { run_id: id, run_name: name, status } = run.info;
  const chosen = run.data.tags?.find((tag) => tag.key === COLOR_TAG)?.value ?? null;
  const runs = useMemo(
    () => [
      {
        id,
        name: name || id.slice(0, 8),
        color: runColor(id, chosen),
        isRunning: status === 'RUNNING',
      },
    ],
    [id, name, chosen, status],
  );
  return <ChartBoard runs={runs} />;
}
