/**
 * The files of the pages, by what the address names. In the first file of all, which asks for the page's file and its first
 * answers before anything is drawn.
 */

/** A file that is fetched once; `loaded` as soon as it is there. */
export interface PageFile<Module> {
  (): Promise<Module>;
  loaded: Module | null;
}

/** A file of the pages. */
export function file<Module>(load: () => Promise<Module>): PageFile<Module> {
  const once: PageFile<Module> = Object.assign(
    async () => {
      once.loaded ??= await load();
      return once.loaded;
    },
    { loaded: null },
  );
  return once;
}

export const experimentsPage = file(() => import('../pages/experiments/ExperimentsPage'));
export const experimentPage = file(() => import('../pages/experiment/ExperimentPage'));
export const runsTab = file(() => import('../pages/experiment/runs/RunsTab'));
export const experimentCharts = file(() => import('../pages/charts/ChartsTab'));
export const runPage = file(() => import('../pages/run/RunPage'));
export const runOverview = file(() => import('../pages/run/overview/Overview'));
export const runCharts = file(() => import('../pages/charts/RunChartsTab'));
export const runArtifacts = file(() => import('../pages/run/artifacts/ArtifactsTab'));
export const lineChart = file(() => import('../charts/line/LineChart'));
export const metricPage = file(() => import('../pages/metric/MetricPage'));
export const comparePage = file(() => import('../pages/compare/ComparePage'));
export const loginPage = file(() => import('../pages/login/LoginPage'));
export const accountPage = file(() => import('../pages/account/AccountPage'));
export const adminPage = file(() => import('../pages/admin/AdminPage'));

/** The files that a path below the base needs. */
export function filesOf(path: string): readonly PageFile<unknown>[] {
  const [page = '', id, tab] = path.split('/').slice(1);
  switch (page) {
    case '':
      return [experimentsPage];
    case 'experiments':
      if (!tab || tab === 'runs') return [experimentPage, runsTab];
      return tab === 'charts' ? [experimentPage, experimentCharts, lineChart] : [experimentPage];
    case 'runs':
      if (!id) return [experimentPage, runsTab];
      if (!tab || tab === 'overview') return [runPage, runOverview];
      if (tab === 'charts') return [runPage, runCharts, lineChart];
      return tab === 'artifacts' ? [runPage, runArtifacts] : [runPage];
    case 'metric':
      return [metricPage, lineChart];
    case 'compare':
      return [comparePage];
    case 'login':
      return [loginPage];
    case 'account':
      return [accountPage];
    case 'admin':
      return [adminPage];
    default:
      return [];
  }
}

/** The path of the address, below the base. */
export function shownPath(): string {
  const base = new URL(document.baseURI).pathname.replace(/\/$/, '');
  return location.pathname.slice(base.length) || '/';
}
