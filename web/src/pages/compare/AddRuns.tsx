import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import { experimentsSummary, runsTable } from '../../api/own';
import { NAME_COLUMNS, runDataOf, textOf } from '../../charts/runData';
import { Button } from '../../design/Button';
import { Checkbox, TextField } from '../../design/Field';
import { Popover } from '../../design/Popover';
import { ErrorNote, Skeleton } from '../../design/States';
import { MOST_RUNS } from '../../runs/comparison';
import styles from './AddRuns.module.css';

interface Props {
  /** Those that are compared already. */
  ids: readonly string[];
  onChangeRuns: (ids: readonly string[]) => void;
}

/** Finds runs of any experiment by name or id. */
export function AddRuns({ ids, onChangeRuns }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Button
        id={id}
        icon="plus"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Add runs
      </Button>
      {isOpen && (
        <Popover
          anchorId={id}
          align="end"
          onClose={() => {
            setOpen(false);
            document.getElementById(id)?.focus();
          }}
        >
          <Search ids={ids} onChangeRuns={onChangeRuns} />
        </Popover>
      )}
    </>
  );
}

function Search({ ids, onChangeRuns }: Props) {
  const [words, setWords] = useState('');
  const search = useDeferredValue(words.trim());
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
  }, []);
  const summary = useQuery({
    queryKey: ['experiments/summary', 'all'],
    queryFn: ({ signal }) => experimentsSummary('all', signal),
    staleTime: 60_000,
  });
  const names = new Map(summary.data?.experiments.map((one) => [one.experiment_id, one.name]));
  const experiments = summary.data?.experiments
    .filter((one) => one.lifecycle_stage === 'active')
    .map((one) => one.experiment_id);
  const found = useQuery({
    queryKey: ['runs/table', 'add', experiments, search],
    queryFn: ({ signal }) =>
      runsTable(
        {
          experiments: experiments ?? [],
          ...(search && { search }),
          columns: [...NAME_COLUMNS, 'attribute.experiment_id'],
          sort: [{ column: 'attribute.start_time', descending: true }],
          offset: 0,
          limit: 30,
        },
        signal,
      ),
    enabled: Boolean(experiments?.length),
    placeholderData: keepPreviousData,
  });
  const data = found.data && runDataOf(found.data);
  const error = summary.error ?? found.error;
  return (
    <div className={styles.panel}>
      <TextField
        ref={input}
        label="Search runs by name or id"
        isLabelHidden
        icon="search"
        placeholder="Name, or the beginning of an id"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {error && <ErrorNote error={error} onRetry={() => void found.refetch()} />}
      {!data && !error && <Skeleton lines={4} />}
      {data && (
        <ul className={styles.list} aria-label="Found runs">
          {data.ids.map((runId, i) => {
            const experiment = textOf(found.data?.columns['attribute.experiment_id']?.[i]);
            const isIn = ids.includes(runId);
            return (
              <li key={runId}>
                <Checkbox
                  className={styles.run ?? ''}
                  checked={isIn}
                  disabled={!isIn && ids.length >= MOST_RUNS}
                  label={
                    <span className={styles.words}>
                      <span>{data.names[i]}</span>
                      <span className={styles.experiment}>
                        {names.get(experiment) ?? experiment} · <code>{runId.slice(0, 8)}</code>
                      </span>
                    </span>
                  }
                  onChange={() => onChangeRuns(isIn ? ids.filter((one) => one !== runId) : [...ids, runId])}
                />
              </li>
            );
          })}
        </ul>
      )}
      {found.data && (
        <p className={styles.note}>
          {found.data.total === 0
            ? 'No run has this name or id.'
            : found.data.total > found.data.ids.length
              ? `The latest ${found.data.ids.length} of ${found.data.total.toLocaleString('en-US')}.`
              : `${found.data.total} found.`}
        </p>
      )}
    </div>
  );
}
