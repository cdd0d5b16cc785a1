import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { experimentsSummary } from '../../api/own';
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
import { useExperiment } from '../run/useRun';
import { useDefaultView } from './views/useNamedViews';

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
  const isOne = ids.length === 1 && experimentIds !== null;
  const experiment = useExperiment(isOne ? ids[0] : undefined);
  const single = experiment.data;
  // One answer has the names of all: hundreds of questions would each be one.
  const summary = useQuery({
    queryKey: ['experiments/summary', 'all'],
    queryFn: ({ signal }) => experimentsSummary('all', signal),
    enabled: !isOne && ids.length > 0,
    staleTime: 60_000,
  });
  useDefaultView(isOne ? ids[0] : undefined, tab);
  useOpened(single ? { id: single.experiment_id, name: single.name } : null);
  useBreadcrumb([
    { label: 'Experiments', href: paths.experiments() },
    { label: single?.name ?? (isOne ? '' : `Runs of ${ids.length} experiments`) },
  ]);

  const names = useMemo(() => {
    const all = isOne ? (single ? [single] : []) : (summary.data?.experiments ?? []);
    return new Map(all.map((one) => [one.experiment_id, one.name]));
  }, [isOne, single, summary.data]);
  useLegacyView(single);
  const unknown = isOne || !summary.data ? [] : ids.filter((id) => !names.has(id));
  const failed = isOne ? experiment : summary;
  if (ids.length === 0) {
    return (
      <Empty icon="flask" title="No experiment is named">
        Open this page from the list of experiments.
      </Empty>
    );
  }
  if (failed.error && !failed.data)
    return <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />;

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
      {unknown.length > 0 && (
        <p role="note" className={styles.unknown}>
          {unknown.length === 1 ? 'There is no experiment ' : 'There are no experiments '}
          {unknown.slice(0, 10).join(', ')}
          {unknown.length > 10 && ` and ${unknown.length - 10} more`}.
        </p>
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
