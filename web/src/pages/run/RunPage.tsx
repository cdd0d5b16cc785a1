import { lazy, Suspense } from 'react';
import { useLocation } from 'wouter';
import { useBreadcrumb } from '../../app/breadcrumb';
import { lazyPage } from '../../app/lazyPage';
import { runArtifacts, runCharts, runOverview } from '../../app/pages';
import { paths, type RunTab } from '../../app/paths';
import { ErrorNote, Skeleton } from '../../design/States';
import { type Tab, Tabs } from '../../design/Tabs';
import { useNeighbours } from '../../runs/runList';
import { NotFoundPage } from '../NotFoundPage';
import { RunHead } from './RunHead';
import styles from './RunPage.module.css';
import { runFacts } from './runFacts';
import { useLiveRun, useRelations } from './useRun';
import { useRunKeys } from './useRunKeys';

const Overview = lazyPage(runOverview);
const ArtifactsTab = lazyPage(runArtifacts);
const ChartsTab = lazyPage(runCharts);
const ChildrenTab = lazy(() => import('./children/ChildrenTab'));
const RawTab = lazy(() => import('./raw/RawTab'));

const TABS: readonly { tab: RunTab; label: string }[] = [
  { tab: 'overview', label: 'Overview' },
  { tab: 'charts', label: 'Charts' },
  { tab: 'artifacts', label: 'Artifacts' },
  { tab: 'children', label: 'Children' },
  { tab: 'raw', label: 'Raw' },
];

/** The page of another run where the reader is: what a run has of files is its own. */
const sameTabOf = (runId: string, tab: string) =>
  paths.run(runId, tab === 'artifacts' ? 'overview' : TABS.find((one) => one.tab === tab)?.tab);

interface Props {
  runId: string;
  tab: string;
  artifactPath: string;
}

export default function RunPage({ runId, tab }: Props) {
  const { data: run, error, refetch } = useLiveRun(runId);
  const experimentId = run?.info.experiment_id;
  const { data: relations } = useRelations(runId);
  const [, navigate] = useLocation();
  useBreadcrumb([
    { label: 'Experiments', href: paths.experiments() },
    ...(experimentId === undefined
      ? []
      : [{ label: relations?.experimentName ?? experimentId, href: paths.experiment(experimentId) }]),
    { label: (run && runFacts(run).name) || runId },
  ]);
  const neighbours = useNeighbours(runId);
  useRunKeys({
    tab,
    onStep: (to) => {
      const other = neighbours[to];
      if (other) navigate(sameTabOf(other, tab));
    },
    onTab: (index) => {
      const chosen = TABS[index];
      if (chosen) navigate(paths.run(runId, chosen.tab));
    },
    onReload: () => void refetch(),
  });

  if (!TABS.some((one) => one.tab === tab)) return <NotFoundPage />;
  if (!run) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />;
  }
  const tabs: Tab[] = TABS.map((one) => ({
    label: one.label,
    href: paths.run(runId, one.tab),
    isCurrent: one.tab === tab,
    count: one.tab === 'children' ? relations?.children : undefined,
  }));
  return (
    <div className={styles.page} data-fills={tab === 'artifacts' || tab === 'charts' || undefined}>
      <RunHead run={run} neighbours={neighbours} hrefOf={(id) => sameTabOf(id, tab)} />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      <Tabs tabs={tabs} label="Run" />
      <div className={styles.content}>
        <Suspense fallback={<Skeleton lines={8} />}>
          {tab === 'overview' && <Overview run={run} />}
          {tab === 'charts' && <ChartsTab run={run} />}
          {tab === 'artifacts' && <ArtifactsTab run={run} />}
          {tab === 'children' && <ChildrenTab run={run} />}
          {tab === 'raw' && <RawTab run={run} />}
        </Suspense>
      </div>
    </div>
  );
}
