import { Button } from '../../../design/Button';
import { Empty } from '../../../design/States';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  experimentIds: readonly string[];
}

/** No rows: nothing matches, or there is nothing yet. */
export function Nothing({ state, patch }: Props) {
  const isFiltered = state.q || state.search || state.hours !== null || state.view !== 'active';
  if (!isFiltered) return <Empty icon="flask" title="No runs yet" />;
  return (
    <Empty icon="filter" title="No run matches">
      <Button onClick={() => patch({ q: '', search: '', hours: null, view: 'active' })}>
        Clear the filter
      </Button>
    </Empty>
  );
}
