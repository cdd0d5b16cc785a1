import { useQueryClient } from '@tanstack/react-query';
import { forgetOpened } from '../app/opened';
import { grouped } from '../format/number';
import { afterPurge } from '../runs/afterChange';
import { purge } from './purge';
import PurgeExperimentsDialog from './PurgeExperimentsDialog';

interface Props {
  experiments: readonly { experiment_id: string; name: string }[];
  onClose: () => void;
  /** All of them are gone. */
  onGone?: () => void;
}

/** Removes deleted experiments for good, after a question. */
export default function PurgeExperiments({ experiments, onClose, onGone }: Props) {
  const client = useQueryClient();
  const [only] = experiments;
  const what =
    experiments.length === 1 && only ? `“${only.name}”` : `${grouped(experiments.length)} experiments`;
  const start = async (ids: readonly string[]) => {
    onClose();
    const purged = await purge({ experiments: ids }, `Deleting ${what} for good`);
    forgetOpened(purged.experiments);
    if (purged.experiments.length === ids.length) onGone?.();
    for (const id of purged.experiments)
      client.removeQueries({ queryKey: ['experiments/get', id], type: 'inactive' });
    afterPurge(client, []);
  };
  return (
    <PurgeExperimentsDialog experiments={experiments} onClose={onClose} onPurge={(ids) => void start(ids)} />
  );
}
