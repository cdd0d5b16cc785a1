import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { namedViews } from '../../../api/own';
import type { NamedView } from '../../../api/types';
import type { RunsState } from '../../../runs/runsState';
import { parseRunsState } from '../../../runs/useRunsState';
import { useRawSearch } from '../../../url/raw';
import type { Patch } from '../../../url/usePageState';
import { useExperiment } from '../../run/useRun';

const NO_VIEWS: readonly NamedView[] = [];
/** The server keeps them as tags of the experiment. */
const TAG = 'oxflow.view.';

export const viewsKey = (experimentId: string | undefined) => ['views', 'named', experimentId];

/** The views that are saved for an experiment; `isKnown` once it is certain which they are. */
export function useNamedViews(experimentId: string | undefined) {
  const experiment = useExperiment(experimentId);
  const answer = useQuery({
    queryKey: viewsKey(experimentId),
    queryFn: ({ signal }) => namedViews(experimentId ?? '', signal),
    // Most experiments have none, and need no question.
    enabled: experiment.data?.tags?.some((tag) => tag.key.startsWith(TAG)) ?? false,
    staleTime: 60_000,
  });
  const isKnown = answer.data !== undefined || (experiment.data !== undefined && !answer.isLoading);
  return { views: answer.data?.views ?? NO_VIEWS, isKnown };
}

/**
 * An address that says nothing means the view that somebody made the default: once per visit of the experiment, in
 * whichever tab, and not over what the reader has set meanwhile.
 */
export function useDefaultView(experimentId: string | undefined, tab: string, patch: Patch<RunsState>) {
  const search = useRawSearch();
  const { views, isKnown } = useNamedViews(experimentId);
  const isOver = useRef(false);
  const isMeant = tab === 'runs' || tab === 'charts';
  const initial = views.find((view) => view.is_default);
  useEffect(() => {
    if (isOver.current) return;
    if (search !== '') {
      isOver.current = true;
      return;
    }
    if (!isKnown || !isMeant) return;
    isOver.current = true;
    if (initial) patch(parseRunsState(initial.state), { replace: true });
  }, [search, isKnown, isMeant, initial, patch]);
}
