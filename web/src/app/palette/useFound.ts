import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { experimentsSummary, runsTable } from '../../api/own';
import type { SessionUser } from '../../api/session';
import { chooseDensity, DENSITIES } from '../density';
import { useRecent } from '../opened';
import { paths } from '../paths';
import { useSession } from '../session';
import { chooseTheme } from '../theme';
import { THEMES } from '../ThemeMenu';
import { type Found, type FoundGroup, matching, searchedExperiments } from './found';

const EXPERIMENTS = 8;
const RUNS = 6;
const TYPING_MS = 150;

/** Everything that a text finds: experiments, runs, pages and commands. */
export function useFound(
  text: string,
  onShortcuts: () => void,
): { groups: FoundGroup[]; isBusy: boolean; error: unknown } {
  const [, navigate] = useLocation();
  const recent = useRecent();
  const user = useSession()?.user ?? null;
  const summary = useQuery({
    queryKey: ['experiments/summary', 'active'],
    queryFn: ({ signal }) => experimentsSummary('active', signal),
    staleTime: 30_000,
  });
  const known = summary.data?.experiments;
  const names = useMemo(() => new Map(known?.map((one) => [one.experiment_id, one.name])), [known]);
  const searched = useMemo(() => searchedExperiments(known ?? []), [known]);
  const runs = useRuns(text, searched);

  const experiments = useMemo(() => {
    const all = (known ?? []).map<Found>((one) => ({
      id: `experiment-${one.experiment_id}`,
      label: one.name,
      icon: 'flask',
      words: one.experiment_id,
      run: () => navigate(paths.experiment(one.experiment_id)),
    }));
    if (text.trim()) return all;
    const order = recent.map((one) => `experiment-${one.id}`);
    return all
      .filter((one) => order.includes(one.id))
      .sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  }, [known, text, recent, navigate]);

  const groups: FoundGroup[] = [
    {
      title: text.trim() ? 'Experiments' : 'Recent experiments',
      items: matching(experiments, text, EXPERIMENTS),
    },
    {
      title: 'Runs',
      items: runs.found.map((one) => ({
        id: `run-${one.id}`,
        label: one.name || one.id,
        icon: 'play',
        detail: names.get(one.experiment) ?? '',
        run: () => navigate(paths.run(one.id)),
      })),
    },
    { title: 'Pages', items: matching(pages(navigate, user), text, text.trim() ? 8 : 4) },
    { title: 'Commands', items: matching(commands(onShortcuts), text, text.trim() ? 8 : 4) },
  ];
  return {
    groups: groups.filter((group) => group.items.length > 0),
    isBusy: summary.isPending || runs.isBusy,
    error: summary.error ?? runs.error,
  };
}

const COLUMNS = ['attribute.run_name', 'attribute.experiment_id'];

/** Runs of all experiments whose names have the words, or whose ids begin with them. */
function useRuns(text: string, experiments: readonly string[]) {
  const search = useSettled(text.trim(), TYPING_MS);
  const query = useQuery({
    queryKey: ['runs/table', 'palette', search, experiments],
    queryFn: ({ signal }) =>
      runsTable(
        {
          experiments,
          search,
          columns: COLUMNS,
          sort: [{ column: 'attribute.start_time', descending: true }],
          offset: 0,
          limit: RUNS,
        },
        signal,
      ),
    enabled: search.length > 1 && experiments.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const table = text.trim().length > 1 ? query.data : undefined;
  return {
    found: (table?.ids ?? []).map((id, i) => ({
      id,
      name: String(table?.columns['attribute.run_name']?.[i] ?? ''),
      experiment: String(table?.columns['attribute.experiment_id']?.[i] ?? ''),
    })),
    isBusy: query.isFetching || (text.trim() !== search && text.trim().length > 1),
    error: query.error,
  };
}

function pages(navigate: (path: string) => void, user: SessionUser | null): Found[] {
  return [
    {
      id: 'page-experiments',
      label: 'Experiments',
      icon: 'flask',
      keys: 'g e',
      run: () => navigate(paths.experiments()),
    },
    {
      id: 'page-settings',
      label: 'Settings',
      icon: 'settings',
      keys: 'g s',
      words: 'preferences',
      run: () => navigate(paths.settings()),
    },
    {
      id: 'page-about',
      label: 'About Oxflow',
      icon: 'info',
      words: 'version licences',
      run: () => navigate(paths.about()),
    },
    ...(user
      ? [
          {
            id: 'page-account',
            label: 'Account',
            icon: 'user' as const,
            words: 'password tokens permissions',
            run: () => navigate(paths.account()),
          },
        ]
      : []),
    ...(user?.is_admin
      ? [
          { id: 'page-users', label: 'Users', icon: 'user' as const, path: paths.users() },
          { id: 'page-roles', label: 'Roles', icon: 'shield' as const, path: paths.roles() },
          { id: 'page-audit', label: 'Audit log', icon: 'list' as const, path: paths.audit() },
        ].map(({ path, ...page }) => ({ ...page, words: 'administration', run: () => navigate(path) }))
      : []),
  ];
}

function commands(onShortcuts: () => void): Found[] {
  return [
    {
      id: 'shortcuts',
      label: 'Keyboard shortcuts',
      icon: 'help',
      keys: '?',
      words: 'keys help',
      run: onShortcuts,
    },
    ...THEMES.map<Found>(({ theme, label, icon }) => ({
      id: `theme-${theme}`,
      label: `Theme: ${label.toLowerCase()}`,
      icon,
      words: 'colours mode',
      run: () => chooseTheme(theme),
    })),
    ...DENSITIES.map<Found>((density) => ({
      id: `density-${density}`,
      label: `Rows of tables: ${density}`,
      icon: 'table',
      words: 'density height',
      run: () => chooseDensity(density),
    })),
  ];
}

/** A value that has not changed for so many ms. */
function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
