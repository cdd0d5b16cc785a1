/** The addresses of the pages, below the router's base. */

export type ExperimentTab = 'runs' | 'charts' | 'settings';
export type RunTab = 'overview' | 'charts' | 'artifacts' | 'children' | 'raw';

/** The query of a link; what is `null` is left out. */
type LinkQuery = Record<string, string | null | undefined>;

const below = (tab: string, first: string) => (tab === first ? '' : `/${tab}`);

export const paths = {
  experiments: () => '/',
  experiment: (id: string, tab: ExperimentTab = 'runs') =>
    `/experiments/${encodeURIComponent(id)}${below(tab, 'runs')}`,
  runsOf: (experiments: readonly string[]) => withQuery('/runs', { experiments: experiments.join(',') }),
  run: (id: string, tab: RunTab = 'overview') => `/runs/${encodeURIComponent(id)}${below(tab, 'overview')}`,
  artifact: (runId: string, path: string) =>
    `/runs/${encodeURIComponent(runId)}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`,
  metric: (runs: readonly string[], key: string) => withQuery('/metric', { runs: runs.join(','), key }),
  compare: (runs: readonly string[]) => withQuery('/compare', { runs: runs.join(',') }),
  login: (next: string) => withQuery('/login', { next: next === '/' ? null : next }),
  account: () => '/account',
  users: () => '/admin/users',
  user: (name: string) => `/admin/users/${encodeURIComponent(asSegment(name))}`,
  roles: () => '/admin/roles',
  role: (id: number) => `/admin/roles/${id}`,
  audit: () => '/admin/audit',
  settings: () => '/settings',
  about: () => '/about',
};

/** What no segment of a path may hold, or browsers take for a step, as JSON Pointer writes it and on from there. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ['~', '~0'],
  ['/', '~1'],
  ['\\', '~2'],
];

function asSegment(text: string): string {
  const segment = HIDDEN.reduce((done, [from, to]) => done.replaceAll(from, to), text);
  return /^\.{1,2}$/.test(segment) ? segment.replaceAll('.', '~3') : segment;
}

/** The text that was made a segment. */
export function ofSegment(segment: string): string {
  const dots = segment.replaceAll('~3', '.');
  return HIDDEN.reduceRight((done, [to, from]) => done.replaceAll(from, to), dots);
}

export function withQuery(path: string, query: LinkQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}
