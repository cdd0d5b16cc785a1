import { lazy, Suspense } from 'react';
import type { RunSelection } from '../../api/types';
import { useBreadcrumb } from '../../app/breadcrumb';
import { ErrorBoundary } from '../../app/ErrorBoundary';
import { paths } from '../../app/paths';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Tabs } from '../../design/Tabs';
import { MOST_RUNS } from '../../runs/comparison';
import { useRunList } from '../../runs/runList';
import { usePageState, useWholeQuery } from '../../url/usePageState';
import { AddRuns } from './AddRuns';
import styles from './ComparePage.module.css';
import { type CompareTab, compareSchema, TAB_NAMES, TABS } from './compareState';
import { DifferencesTab } from './differences/DifferencesTab';
import { RunChips } from './RunChips';
import { useComparedRuns } from './useComparedRuns';

const ChartsTab = lazy(() => import('./ChartsTab'));
const FilesTab = lazy(async () => ({ default: (await import('./artifacts/FilesTab')).FilesTab }));
const ImagesTab = lazy(async () => ({ default: (await import('./artifacts/ImagesTab')).ImagesTab }));
const NotesTab = lazy(async () => ({ default: (await import('./NotesTab')).NotesTab }));
const ChartTab = lazy(async () => ({ default: (await import('./ChartTab')).ChartTab }));

/** Runs side by side: `?runs=` is a snapshot of ids, `?q=&experiments=` is asked anew each time. */
export default function ComparePage() {
  const [state, patch] = usePageState(compareSchema);
  const search = useWholeQuery();
  const compared = useComparedRuns(state);
  const { selection, isEnabled, isQuery, wanted, table, keys, runs, missing, count } = compared;
  const ids = runs.map((run) => run.id);
  useRunList(() => ids);
  const onChangeRuns = (next: readonly string[]) =>
    patch({ runs: next, q: '', experiments: [], v: '', ...(next.includes(state.base) ? {} : { base: '' }) });
  const onChangeBase = (base: string) => patch({ base });
  const tabs = TABS.map((tab) => ({
    label: TAB_NAMES[tab],
    href: tabHref(search, tab),
    isCurrent: tab === state.tab,
  }));
  const [first] = runs;
  const isOneExperiment = first && runs.every((run) => run.experimentId === first.experimentId);
  useBreadcrumb([
    { label: 'Experiments', href: paths.experiments() },
    ...(isOneExperiment ? [{ label: first.experiment, href: paths.experiment(first.experimentId) }] : []),
    { label: 'Compare' },
  ]);
  const error = compared.viewError ?? table.error ?? keys.error;
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>
          Compare{' '}
          {runs.length > 0 && (
            <span className={styles.count}>{runs.length.toLocaleString('en-US')} runs</span>
          )}
        </h1>
        <AddRuns ids={isQuery ? ids : wanted} onChangeRuns={onChangeRuns} />
      </header>
      {isQuery && isEnabled && (
        <p className={styles.note}>
          <Asked selection={selection} />, asked anew each time the page is opened.
        </p>
      )}
      {count > MOST_RUNS && (
        <p className={styles.warning} role="note">
          The first {MOST_RUNS.toLocaleString('en-US')} of {count.toLocaleString('en-US')} runs are compared.
        </p>
      )}
      <RunChips
        runs={runs}
        missing={missing}
        base={state.base}
        onChangeRuns={onChangeRuns}
        onChangeBase={onChangeBase}
      />
      <div className={styles.tabs}>
        <Tabs tabs={tabs} label="Ways to compare" />
      </div>
      {error ? (
        <ErrorNote
          error={error}
          onRetry={() => {
            void table.refetch();
            void keys.refetch();
          }}
        />
      ) : !isEnabled || (table.data && runs.length === 0) ? (
        <Empty icon="compare" title="No runs to compare">
          <p>
            Add two or more runs, of one experiment or of several. In a table of runs: select them and press
            Compare.
          </p>
        </Empty>
      ) : !table.data || !keys.data ? (
        <Skeleton label="Loading runs" />
      ) : (
        <ErrorBoundary key={state.tab}>
          <Suspense fallback={<Skeleton />}>
            {runs.length === 1 && (
              <p className={styles.note} role="note">
                One run has nothing to be compared with: add another.
              </p>
            )}
            <TabContent
              {...{ selection, runs, onChangeRuns, onChangeBase }}
              tab={state.tab}
              base={state.base}
              keys={keys.data}
              attributes={table.data}
            />
          </Suspense>
        </ErrorBoundary>
      )}
    </div>
  );
}

/** A query in words. */
function Asked({ selection: { q, search, view, experiments = [], ...others } }: { selection: RunSelection }) {
  const isMore = Object.values(others).some((value) => value !== undefined && value !== null);
  return (
    <>
      {view === 'deleted' ? 'All deleted runs' : view === 'all' ? 'All runs, deleted ones too,' : 'All runs'}{' '}
      of the {experiments.length === 1 ? 'experiment' : `${experiments.length} experiments`}
      {q && (
        <>
          {' '}
          that match <code>{q}</code>
        </>
      )}
      {search && (
        <>
          {' '}
          with <code>{search}</code> in their names
        </>
      )}
      {isMore && ', of the time and groups that were shown'}
    </>
  );
}

type ContentProps = React.ComponentProps<typeof DifferencesTab> & {
  tab: CompareTab;
  onChangeRuns: (ids: readonly string[]) => void;
};

function TabContent({ tab, onChangeRuns, ...props }: ContentProps) {
  const { selection, runs, keys } = props;
  switch (tab) {
    case 'differences':
      return <DifferencesTab {...props} />;
    case 'scatter':
    case 'box':
    case 'parallel':
    case 'contour':
    case 'bar':
    case 'over-runs':
      return <ChartTab key={tab} kind={tab} {...{ selection, runs, keys, onChangeRuns }} />;
    case 'images':
      return <ImagesTab runs={runs} base={props.base} />;
    case 'files':
      return <FilesTab runs={runs} base={props.base} />;
    case 'notes':
      return <NotesTab runs={runs} />;
    case 'charts':
      return <ChartsTab runs={runs} />;
  }
}

/** The same page with another tab; what the other tabs show stays in the URL. */
function tabHref(search: string, tab: CompareTab): string {
  const query = new URLSearchParams(search);
  if (tab === TABS[0]) query.delete('tab');
  else query.set('tab', tab);
  return `/compare?${query.toString()}`;
}
