import { useQueryClient } from '@tanstack/react-query';
import type { RunSelection } from '../../../api/types';
import { afterPurge } from '../../../runs/afterChange';
import { purge } from '../../../trash/purge';
import PurgeRunsDialog from '../../../trash/PurgeRunsDialog';
import { runsOf } from './runBulk';

interface Props {
  selections: readonly RunSelection[];
  selected: number;
  onClose: () => void;
  /** It was confirmed. */
  onStart: () => void;
  /** What could go is gone. */
  onDone: () => void;
}

/** Removes those of the selected runs that are deleted for good, after a question. */
export default function PurgeRuns({ selections, selected, onClose, onStart, onDone }: Props) {
  const client = useQueryClient();
  const start = async (runs: readonly string[]) => {
    onStart();
    const { kept } = await purge({ runs }, `Deleting ${runsOf(runs.length)} for good`);
    const there = new Set(kept.map(({ id }) => id));
    afterPurge(
      client,
      runs.filter((id) => !there.has(id)),
    );
    onDone();
  };
  return (
    <PurgeRunsDialog
      selections={selections}
      selected={selected}
      onClose={onClose}
      onPurge={(ids) => void start(ids)}
    />
  );
}
