import { useMemo, useState } from 'react';
import { Button } from '../../../design/Button';
import type { ComparedRun } from '../useComparedRuns';
import styles from './FilePicker.module.css';

/** Each run is a call: so many are asked at a time. */
const AT_A_TIME = 50;

/** The runs whose files are listed: the first, those that are named, and more when the reader asks. */
export function useListed(runs: readonly ComparedRun[], named: readonly string[]) {
  const [most, setMost] = useState(AT_A_TIME);
  const wanted = named.filter(Boolean).join(',');
  const listed = useMemo(() => {
    const ids = wanted.split(',');
    return runs.filter((run, i) => i < most || ids.includes(run.id));
  }, [runs, most, wanted]);
  return { listed, more: <More {...{ runs, listed }} onMore={() => setMost(most + AT_A_TIME)} /> };
}

interface Props {
  runs: readonly ComparedRun[];
  listed: readonly ComparedRun[];
  onMore: () => void;
}

function More({ runs, listed, onMore }: Props) {
  const rest = runs.length - listed.length;
  if (rest <= 0) return null;
  return (
    <div className={styles.note} role="note">
      <p>
        The files of {listed.length} of {runs.length} runs are listed.
      </p>
      <Button onClick={onMore}>Load {Math.min(rest, AT_A_TIME)} more</Button>
    </div>
  );
}
