import { useState } from 'react';
import { Button } from '../../../design/Button';
import { Empty } from '../../../design/States';
import { CopyButton } from '../../../design/Values';
import { classes } from '../../../design/classes';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import styles from './Nothing.module.css';
import { type SnippetKind, snippets } from './snippets';

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  experimentIds: readonly string[];
}

/** No rows: nothing matches, or there is nothing yet. */
export function Nothing({ state, patch, experimentIds }: Props) {
  const isFiltered = state.q || state.search || state.hours !== null;
  if (isFiltered) {
    return (
      <Empty icon="filter" title="No run matches">
        <p>
          {[
            state.search && `Its name has “${state.search}”`,
            state.q,
            state.hours !== null && `it started in the last ${state.hours} hours`,
          ]
            .filter(Boolean)
            .join(', and ')}
          {state.view === 'deleted' && ', and it is deleted'}.
        </p>
        <Button onClick={() => patch({ q: '', search: '', hours: null })}>Clear the filter</Button>
      </Empty>
    );
  }
  if (state.view === 'deleted') {
    return (
      <Empty icon="trash" title="No run is deleted">
        <Button onClick={() => patch({ view: 'active' })}>Show the active runs</Button>
      </Empty>
    );
  }
  return <FirstRun experimentId={experimentIds[0] ?? '0'} />;
}

/** How to log the first run here. */
function FirstRun({ experimentId }: { experimentId: string }) {
  const [kind, setKind] = useState<SnippetKind>('Python');
  const server = document.baseURI.replace(/\/$/, '');
  const all = snippets(server, experimentId);
  return (
    <Empty icon="flask" title="No runs yet">
      <p>Log one from where you train. It appears here by itself.</p>
      <div className={styles.kinds} role="group" aria-label="Language">
        {(Object.keys(all) as SnippetKind[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === kind}
            className={classes(styles.kind, one === kind && styles.chosen)}
            onClick={() => setKind(one)}
          >
            {one}
          </button>
        ))}
      </div>
      <div className={styles.snippet}>
        <pre tabIndex={0} aria-label={`${kind} snippet`}>
          <code>{all[kind]}</code>
        </pre>
        <CopyButton text={all[kind]} label="Copy the snippet" />
      </div>
    </Empty>
  );
}
