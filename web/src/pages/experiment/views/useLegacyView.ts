import { useEffect } from 'react';
import { useLocation } from 'wouter';
import type { Experiment } from '../../../api/mlflow';
import { useWholeQuery } from '../../../url/usePageState';
import { rawPath } from '../../../url/raw';

const KEY = 'viewStateShareKey';

/** Follows a link to a view that MLflow's pages shared: once, and silently where there is none. */
export function useLegacyView(experiment: Experiment | undefined) {
  const search = useWholeQuery();
  const [, navigate] = useLocation();
  const key = new URLSearchParams(search).get(KEY);
  useEffect(() => {
    if (key === null || !experiment) return;
    let isCurrent = true;
    void import('../../../url/legacyView').then(async ({ legacyViewQuery, sharedViewTag }) => {
      const tag = experiment.tags?.find((one) => one.key === sharedViewTag(key));
      const view = new URLSearchParams((tag && (await legacyViewQuery(tag.value))) ?? '');
      if (!isCurrent) return;
      const query = new URLSearchParams(search);
      query.delete(KEY);
      // The link's own parameters come from the same page: the view is what they were shared with.
      for (const [name, value] of view) query.set(name, value);
      const text = query.toString();
      navigate(text ? `${rawPath()}?${text}` : rawPath(), { replace: true });
    });
    return () => {
      isCurrent = false;
    };
  }, [key, experiment, search, navigate]);
}
