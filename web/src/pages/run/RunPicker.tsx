import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { searchRuns } from '../../api/mlflow';
import { Dialog } from '../../design/Dialog';
import { TextField } from '../../design/Field';
import { ErrorNote } from '../../design/States';
import { Status, Time } from '../../design/Values';
import { runColor } from '../../runs/colors';
import styles from './RunPicker.module.css';
import { tagsOf } from './runFacts';

interface Props {
  title: string;
  experimentId: string;
  /** The run that is not offered. */
  without: string;
  onPick: (runId: string) => void;
  onClose: () => void;
}

/** Chooses a run of an experiment by its name, or any run by its id. */
export function RunPicker({ title, experimentId, without, onPick, onClose }: Props) {
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words.trim());
  const { data, error } = useQuery({
    queryKey: ['runs/search', 'picker', experimentId, asked],
    queryFn: async ({ signal }) => {
      // A quote cannot be written inside of MLflow's quotes: `_` stands for it.
      const filter = asked ? `attributes.run_name ILIKE '%${asked.replace(/['"\\]/g, '_')}%'` : '';
      return (await searchRuns([experimentId], filter, 50, signal)).runs ?? [];
    },
    placeholderData: (before) => before,
  });
  const pick = (runId: string) => {
    onClose();
    onPick(runId);
  };
  const isId = /^[0-9a-f]{32}$/.test(asked);
  const offered = (data ?? []).filter((run) => run.info.run_id !== without);
  return (
    <Dialog title={title} onClose={onClose}>
      <TextField
        label="Name in this experiment, or the id of any run"
        icon="search"
        value={words}
        autoFocus
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          const first = isId ? asked : offered[0]?.info.run_id;
          if (event.key === 'Enter' && first) pick(first);
        }}
      />
      {error && <ErrorNote error={error} />}
      <ul className={styles.list} aria-label="Runs">
        {isId && (
          <li>
            <button type="button" className={styles.run} onClick={() => pick(asked)}>
              <span className={styles.name}>The run {asked.slice(0, 8)}…</span>
            </button>
          </li>
        )}
        {offered.map((run) => (
          <li key={run.info.run_id}>
            <button type="button" className={styles.run} onClick={() => pick(run.info.run_id)}>
              <span
                className={styles.dot}
                style={{ background: runColor(run.info.run_id, tagsOf(run).get('oxflow.color')) }}
              />
              <span className={styles.name}>{run.info.run_name || run.info.run_id}</span>
              <Status status={run.info.status} isShort />
              {run.info.start_time !== undefined && <Time at={run.info.start_time} />}
            </button>
          </li>
        ))}
        {data && offered.length === 0 && !isId && (
          <li className={styles.none}>No run has this in its name.</li>
        )}
      </ul>
    </Dialog>
  );
}
