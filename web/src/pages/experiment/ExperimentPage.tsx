import { useQueries } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { getExperiment } from '../../api/mlflow';
import { useBreadcrumb } from '../../app/breadcrumb';
import { lazyPage } from '../../app/lazyPage';
import { useOpened } from '../../app/opened';
import { type ExperimentTab, paths } from '../../app/paths';
import { experimentCharts, runsTab } from '../../app/pages';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Tabs } from '../../design/Tabs';
import { useRunsState } from '../../runs/useRunsState';
import { useRawSearch } from '../../url/raw';
import { useWholeQuery } from '../../url/usePageState';
import { ViewsMenu } from './views/ViewsMenu';
import { useLegacyView } from './views/useLegacyView';
import { ExperimentHead } from './ExperimentHead';
import styles from './ExperimentPage.module.css';

const RunsTab = lazyPage(runsTab);
const ChartsTab = lazyPage(experimentCharts);
const SettingsTab = lazy(() => import('./settings/SettingsTab'));

interface Props {
  /** `null`: the experiments that the query names. */
  experimentIds: readonly string[] | null;
  tab: string;
}

const TABS: readonly { tab: ExperimentTab; label: string }[] = [
  { tab: 'runs', label: 'Runs' },
  { tab: 'charts', label: 'Charts' },
  { tab: 'settings', label: 'Settings' },
];

/** An experiment, or the runs of several: its head, and one of its tabs. */
export default function ExperimentPage({ experimentIds, tab }: Props) {
  const search = useRawSearch();
  const [state, patch] = useRunsState();
  const named = new URLSearchParams(useWholeQuery()).get('experiments') ?? '';
  const text = experimentIds?.join(',') ?? named;
  const ids = useMemo(() => text.split(',').filter(Boolean), [text]);
  const answers = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['experiments/get', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getExperiment(id, signal),
      staleTime: 30_000,
    })),
  });
  const experiments = answers.flatMap(({ data }) => data ?? []);
  const first = experiments[0];
  const single = ids.length === 1 && experimentIds ? first : undefined;
  useOpened(single ? { id: single.experiment_id, name: single.name } : null);
  useBreadcrumb([
    { label: 'Experiments', href: paths.experiments() },
    { label: single?.name ?? (ids.length === 1 && experimentIds ? '' : `Runs of ${ids.length} experiments`) },
  ]);

  const names = useMemo(
    () => new Map(experiments.map(({ experiment_id, name }) => [experiment_id, name])),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the names decide, not the array, which is always new
    [experiments.map(({ name }) => name).join('\n')],
  );
  useLegacyView(single);
  const failed = answers.find(({ error }) => error);
  if (ids.length === 0) {
    return (
      <Empty icon="flask" title="No experiment is named">
        Open this page from the list of experiments.
      </Empty>
    );
  }
  if (failed?.error) return <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />;

  // The state of runs and charts is one: it goes with the reader from tab to tab.
  const href = (to: ExperimentTab) => `${paths.experiment(ids[0] ?? '', to)}${search ? `?${search}` : ''}`;
  return (
    <div className={styles.page}>
      <ExperimentHead experiment={single} title={experimentIds ? '' : `Runs of ${ids.length} experiments`} />
      {experimentIds && (
        <Tabs
          label="Parts of the experiment"
          tabs={TABS.map((one) => ({ label: one.label, href: href(one.tab), isCurrent: one.tab === tab }))}
        />
      )}
      {tab === 'runs' && (
        <Suspense fallback={<Skeleton lines={12} />}>
          <RunsTab experimentIds={ids} experimentNames={names} state={state} patch={patch} />
        </Suspense>
      )}
      {tab === 'charts' && (
        <Suspense fallback={<Skeleton />}>
          <ChartsTab experimentIds={ids} state={state} patch={patch}>
            {single && <ViewsMenu experimentId={single.experiment_id} tab="charts" />}
          </ChartsTab>
        </Suspense>
      )}
      {tab === 'settings' && (
        <Suspense fallback={<Skeleton />}>{single && <SettingsTab experiment={single} />}</Suspense>
      )}
      {!TABS.some((one) => one.tab === tab) && <Empty title={`There is no tab “${tab}”`} />}
    </div>
  );
}
