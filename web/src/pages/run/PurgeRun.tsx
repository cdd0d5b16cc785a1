import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import type { Run } from '../../api/mlflow';
import { paths } from '../../app/paths';
import { afterPurge } from '../../runs/afterChange';
import { purge } from '../../trash/purge';
import PurgeRunsDialog from '../../trash/PurgeRunsDialog';

/** Removes a deleted run for good, after a question; then the page has nothing to show, and its experiment comes. */
export default function PurgeRun({ run, onClose }: { run: Run; onClose: () => void }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const { run_id: runId, experiment_id: experimentId } = run.info;
  const selections = useMemo(() => [{ ids: [runId] }], [runId]);
  const start = async (runs: readonly string[]) => {
    onClose();
    const { runs: gone } = await purge({ runs }, 'Deleting a run for good');
    if (gone === 0) return;
    navigate(paths.experiment(experimentId), { replace: true });
    afterPurge(client, runs);
  };
  return (
    <PurgeRunsDialog
      selections={selections}
      selected={1}
      onClose={onClose}
      onPurge={(ids) => void start(ids)}
    />
  );
}
