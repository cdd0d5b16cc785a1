/** Which files the pages are delivered in: few, so that a first visit needs few requests, and none with what it does not need. */

import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

/** What every page needs; it renders. */
const SHELL = 'src/main.tsx';

/** Pages and their larger tabs: each is one file, of what only it needs. */
const PAGES: Readonly<Record<string, string>> = {
  experiments: 'src/pages/experiments/ExperimentsPage.tsx',
  experiment: 'src/pages/experiment/ExperimentPage.tsx',
  runs: 'src/pages/experiment/runs/RunsTab.tsx',
  run: 'src/pages/run/RunPage.tsx',
  overview: 'src/pages/run/overview/Overview.tsx',
  palette: 'src/app/palette/Palette.tsx',
  artifacts: 'src/pages/run/artifacts/ArtifactsTab.tsx',
  children: 'src/pages/run/children/ChildrenTab.tsx',
  metric: 'src/pages/metric/MetricPage.tsx',
  compare: 'src/pages/compare/ComparePage.tsx',
  added: 'src/charts/AddedCharts.tsx',
  login: 'src/pages/login/LoginPage.tsx',
  account: 'src/pages/account/AccountPage.tsx',
  admin: 'src/pages/admin/AdminPage.tsx',
  permissions: 'src/permissions/PermissionsDialog.tsx',
};

/** What only these have in common comes with the page around them. */
const OF_RUN = ['run', 'overview', 'artifacts', 'children'];
const OF_EXPERIMENT = ['experiment', 'runs'];
const OF_LINES = ['lines', 'metric', 'added'];
const OF_ACCOUNTS = ['permissions', 'account', 'admin'];
const OF_ADDED = ['added', 'compare'];

/** Everything that draws lines is one file, for whichever of these pages comes first. */
const LINES: readonly string[] = [
  'src/charts/line/LineChart.tsx',
  'src/pages/charts/ChartsTab.tsx',
  'src/pages/charts/RunChartsTab.tsx',
  'src/pages/compare/ChartsTab.tsx',
];

type Info = (id: string) => { importedIds: readonly string[] } | null;

/** Names the file that a module is delivered in; `null` leaves it to the bundler: what is opened later. */
export function chunkNames(root: string): (id: string, context: { getModuleInfo: Info }) => string | null {
  let names: Map<string, string> | null = null;
  return (id, context) => {
    names ??= assign(root, (one) => context.getModuleInfo(one));
    // Lists of which only a part is drawn: half of the pages have one.
    if (/\/node_modules\/@tanstack\/(react-virtual|virtual-core)\//.test(id)) return 'virtual';
    if (/\/node_modules\/(echarts|zrender|tslib)\/|\/src\/charts\/echarts\//.test(id)) return 'echarts';
    return names.get(id) ?? null;
  };
}

function assign(root: string, info: Info): Map<string, string> {
  const closure = (file: string) => {
    const found = new Set<string>();
    const walk = (id: string) => {
      if (found.has(id)) return;
      found.add(id);
      for (const next of info(id)?.importedIds ?? []) walk(next);
    };
    walk(`${root}/${file}`);
    return found;
  };
  const names = new Map<string, string>();
  const usedBy = new Map<string, string[]>();
  const mark = (page: string, file: string) => {
    for (const id of closure(file)) usedBy.set(id, [...new Set([...(usedBy.get(id) ?? []), page])]);
  };
  for (const [page, file] of Object.entries(PAGES)) mark(page, file);
  for (const file of LINES) mark('lines', file);
  for (const [id, pages] of usedBy) {
    const [only] = pages;
    if (only && pages.length === 1) names.set(id, only);
    else if (pages.every((page) => OF_RUN.includes(page))) names.set(id, 'run');
    else if (pages.every((page) => OF_EXPERIMENT.includes(page))) names.set(id, 'experiment');
    else if (pages.every((page) => OF_ACCOUNTS.includes(page))) names.set(id, 'permissions');
    else if (pages.every((page) => OF_LINES.includes(page)) && isOfCharts(id)) names.set(id, 'lines');
    else if (pages.every((page) => OF_ADDED.includes(page)) && isOfCharts(id)) names.set(id, 'added');
    else names.set(id, 'shell');
  }
  for (const id of closure(SHELL)) names.set(id, 'shell');
  // The first file of all stays small: it only says what is needed.
  for (const id of closure('src/boot.ts')) names.delete(id);
  return names;
}

const isOfCharts = (id: string) => /\/src\/charts\/|\/node_modules\/uplot\//.test(id);

/** The page names the shell's file, so that it comes beside the one that asks for it, and holds its icon. */
export function fewerRequests(): Plugin {
  return {
    name: 'oxflow-fewer-requests',
    enforce: 'post',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter((one) => one.type === 'chunk' && one.name === 'shell')
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `./${fileName}` },
            injectTo: 'head' as const,
          })),
    },
    // The boot file has another content than the bundler knows, so another name too.
    augmentChunkHash: (chunk) => (chunk.isEntry ? String(moveRuntime) : undefined),
    generateBundle(_options, bundle) {
      moveRuntime(bundle);
      const assets = Object.values(bundle).filter((one) => one.type === 'asset');
      const icon = assets.find(({ names }) => names.includes('icon.svg'));
      const page = assets.find(({ fileName }) => fileName === 'index.html');
      if (!icon || !page) return;
      const drawn = `data:image/svg+xml,${encodeURIComponent(String(icon.source))}`;
      page.source = String(page.source).replace(`./${icon.fileName}`, drawn);
      Reflect.deleteProperty(bundle, icon.fileName);
    },
  };
}

/** The bundler's few helpers are a file of their own, which every other one waits for: they go into the first one. */
function moveRuntime(bundle: Rolldown.OutputBundle) {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
  const runtime = chunks.find(({ name }) => name === 'rolldown-runtime');
  const boot = chunks.find(({ isEntry }) => isEntry);
  const exported = /export\{([^}]*)\};?\s*$/.exec(runtime?.code ?? '');
  if (!runtime || !boot || !exported?.[1]) return;
  const pairs = exported[1].split(',').map((pair) => pair.split(' as ') as [string, string]);
  const helpers = pairs.map(([, name]) => `runtime_${name}`);
  const body = `${runtime.code.slice(0, exported.index)};return[${pairs.map(([name]) => name).join()}]`;
  boot.code += `\nconst[${helpers.join()}]=(()=>{${body}})();export{${helpers.join()}};`;
  const escaped = runtime.fileName.replace(/^.*\//, '').replace(/[.]/g, '\\.');
  const imported = new RegExp(`import\\{([^}]*)\\}from"\\./${escaped}"`);
  for (const chunk of chunks) {
    chunk.code = chunk.code
      .replace(imported, (_all, names: string) => {
        const renamed = names
          .split(',')
          .map((name) => `runtime_${name}${name.includes(' as ') ? '' : ` as ${name}`}`);
        return `import{${renamed.join()}}from"./${boot.fileName.replace(/^.*\//, '')}"`;
      })
      .replaceAll(runtime.fileName.replace(/^.*\//, ''), boot.fileName.replace(/^.*\//, ''));
  }
  Reflect.deleteProperty(bundle, runtime.fileName);
}

/** Short names of classes: style sheets and pages are a fifth smaller. */
export function shortClass(root: string) {
  const taken = new Map<string, string>();
  return (name: string, file: string): string => {
    const meaning = `${relative(root, file.replace(/\?.*/, ''))} ${name}`;
    const short = `_${createHash('sha256').update(meaning).digest('base64url').replace(/[-_]/g, '').slice(0, 5)}`;
    const other = taken.get(short) ?? meaning;
    if (other !== meaning) throw new Error(`${other} and ${meaning} have the same short name; rename one`);
    taken.set(short, meaning);
    return short;
  };
}
