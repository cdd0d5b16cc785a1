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
import {
  accountPage,
  adminPage,
  comparePage,
  experimentPage,
  experimentsPage,
  file,
  loginPage,
  metricPage,
  runPage,
} from './pages';
import { queryClient } from './queryClient';
import { SessionGate } from './SessionGate';

// Each page is a file of its own, fetched when it is first opened.
const ExperimentsPage = lazyPage(experimentsPage);
const ExperimentPage = lazyPage(experimentPage);
const RunPage = lazyPage(runPage);
const MetricPage = lazyPage(metricPage);
const ComparePage = lazyPage(comparePage);
const LoginPage = lazyPage(loginPage);
const AccountPage = lazyPage(accountPage);
const AdminPage = lazyPage(adminPage);
const SettingsPage = lazyPage(file(() => import('../pages/settings/SettingsPage')));
const AboutPage = lazyPage(file(() => import('../pages/about/AboutPage')));

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Router base={base}>
        <Switch>
          <Route path="/login">
            <ErrorBoundary>
              <Suspense fallback={<Skeleton />}>
                <LoginPage />
              </Suspense>
            </ErrorBoundary>
          </Route>
          <Route>
            <SessionGate>
              <Frame>
                <ErrorBoundary>
                  <Suspense fallback={<Skeleton />}>
                    <StoredQuery>
                      <Pages />
                    </StoredQuery>
                  </Suspense>
                </ErrorBoundary>
              </Frame>
            </SessionGate>
          </Route>
        </Switch>
      </Router>
    </QueryClientProvider>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={ExperimentsPage} />
      <Route path="/experiments/:id/:tab?">
        {({ id, tab }) => <ExperimentPage key={id} experimentIds={[id]} tab={tab ?? 'runs'} />}
      </Route>
      <Route path="/runs">
        <ExperimentPage experimentIds={null} tab="runs" />
      </Route>
      <Route path="/runs/:id/artifacts/*?">
        {({ id, '*': path }) => <RunPage key={id} runId={id} tab="artifacts" artifactPath={path ?? ''} />}
      </Route>
      <Route path="/runs/:id/:tab?">
        {({ id, tab }) => <RunPage key={id} runId={id} tab={tab ?? 'overview'} artifactPath="" />}
      </Route>
      <Route path="/metric" component={MetricPage} />
      <Route path="/compare" component={ComparePage} />
      <Route path="/account" component={AccountPage} />
      <Route path="/admin/*?" component={AdminPage} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/about" component={AboutPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
