import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { namedViews } from '../../../api/own';
import type { NamedView } from '../../../api/types';
import { paths } from '../../../app/paths';
import { queryOf } from '../../../url/storedQuery';
import { useWholeQuery } from '../../../url/usePageState';
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
export function useDefaultView(experimentId: string | undefined, tab: string) {
  const search = useWholeQuery();
  const [, navigate] = useLocation();
  const { views, isKnown } = useNamedViews(experimentId);
  const isOver = useRef(false);
  const meant = tab === 'runs' || tab === 'charts' ? tab : null;
  const initial = views.find((view) => view.is_default);
  useEffect(() => {
    if (isOver.current || experimentId === undefined) return;
    if (search !== '') {
      isOver.current = true;
      return;
    }
    if (!isKnown || meant === null) return;
    isOver.current = true;
    const query = queryOf(initial?.state);
    // The part of the page stays that the address names.
    if (query) navigate(`${paths.experiment(experimentId, meant)}?${query}`, { replace: true });
  }, [search, isKnown, meant, initial, experimentId, navigate]);
}
