import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { Route, Router, Switch } from 'wouter';
import { Skeleton } from '../design/States';
import { NotFoundPage } from '../pages/NotFoundPage';
import { StoredQuery } from '../url/StoredQuery';
import { base } from './base';
import { ErrorBoundary } from './ErrorBoundary';
import { Frame } from './Frame';
import { lazyPage } from './lazyPage';
import { comparePage, experimentPage, experimentsPage, file, metricPage, runPage } from './pages';
import { queryClient } from './queryClient';

// Each page is a file of its own, fetched when it is first opened.
const ExperimentsPage = lazyPage(experimentsPage);
const ExperimentPage = lazyPage(experimentPage);
const RunPage = lazyPage(runPage);
const MetricPage = lazyPage(metricPage);
const ComparePage = lazyPage(comparePage);
const SettingsPage = lazyPage(file(() => import('../pages/settings/SettingsPage')));
const AboutPage = lazyPage(file(() => import('../pages/about/AboutPage')));

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Router base={base}>
        <Frame>
          <ErrorBoundary>
            <Suspense fallback={<Skeleton />}>
              <StoredQuery>
                <Switch>
                  <Route path="/" component={ExperimentsPage} />
                  <Route path="/experiments/:id/:tab?">
                    {({ id, tab }) => <ExperimentPage key={id} experimentIds={[id]} tab={tab ?? 'runs'} />}
                  </Route>
                  <Route path="/runs">
                    <ExperimentPage experimentIds={null} tab="runs" />
                  </Route>
                  <Route path="/runs/:id/artifacts/*?">
                    {({ id, '*': path }) => (
                      <RunPage key={id} runId={id} tab="artifacts" artifactPath={path ?? ''} />
                    )}
                  </Route>
                  <Route path="/runs/:id/:tab?">
                    {({ id, tab }) => <RunPage key={id} runId={id} tab={tab ?? 'overview'} artifactPath="" />}
                  </Route>
                  <Route path="/metric" component={MetricPage} />
                  <Route path="/compare" component={ComparePage} />
                  <Route path="/settings" component={SettingsPage} />
                  <Route path="/about" component={AboutPage} />
                  <Route component={NotFoundPage} />
                </Switch>
              </StoredQuery>
            </Suspense>
          </ErrorBoundary>
        </Frame>
      </Router>
    </QueryClientProvider>
  );
}
