import { useQuery } from '@tanstack/react-query';
import type { RunSelection } from '../api/types';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { ErrorNote, Skeleton } from '../design/States';
import { grouped } from '../format/number';
import { deletedRuns } from './purge';
import styles from './Purge.module.css';

interface Props {
  /** Where the runs are looked for: each of these is one question. */
  selections: readonly RunSelection[];
  /** How many runs the reader has selected, deleted or not. */
  selected: number;
  onClose: () => void;
  onPurge: (ids: readonly string[]) => void;
}

const runsOf = (count: number) => `${grouped(count)} ${count === 1 ? 'run' : 'runs'}`;

/** Asks before runs are removed for good. What it counted is what goes: not what else comes into the trash meanwhile. */
export default function PurgeRunsDialog({ selections, selected, onClose, onPurge }: Props) {
  const { data, error, refetch } = useQuery({
    queryKey: ['trash/runs', selections],
    queryFn: async ({ signal }) => {
      const found: string[] = [];
      for (const one of selections) found.push(...(await deletedRuns(one, signal)));
      return [...new Set(found)];
    },
    staleTime: Infinity,
    gcTime: 0,
  });
  const count = data?.length ?? 0;
  const title = count > 0 ? `Delete ${runsOf(count)} for good?` : 'Delete for good';
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" icon="trash" disabled={count === 0} onClick={() => onPurge(data ?? [])}>
            {count > 0 ? `Delete ${runsOf(count)} for good` : 'Delete for good'}
          </Button>
        </>
      }
    >
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={2} label="Counting the deleted runs" />
      ) : count === 0 ? (
        <p>None of them is in the trash any more.</p>
      ) : (
        <div className={styles.words}>
          <p>
            {count === 1 ? 'The run goes' : 'The runs go'} with everything logged, and with{' '}
            {count === 1 ? 'its' : 'their'} artifacts. <strong>This cannot be undone.</strong> What a version
            of a registered model comes from stays.
          </p>
          {count < selected && (
            <p>
              The other {runsOf(selected - count)} of the selection {selected - count === 1 ? 'is' : 'are'}{' '}
              not deleted, and left alone.
            </p>
          )}
        </div>
      )}
    </Dialog>
  );
}
