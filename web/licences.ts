/** The licences of what the pages are built from, as the module `virtual:licences`. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const NAME = 'virtual:licences';
const RESOLVED = `\0${NAME}`;

interface Locked {
  version: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
}

export function licences(root: string): Plugin {
  return {
    name: 'oxflow-licences',
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load: (id) => (id === RESOLVED ? `export default ${JSON.stringify(collect(root))}` : undefined),
  };
}

function collect(root: string) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const packages = Object.entries(lock.packages)
    // Types leave nothing in the pages.
    .filter(([path, one]) => path && !one.dev && !one.optional && !/@types\/|\/csstype$/.test(path))
    .map(([path, { version, license = '' }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license,
      text: textIn(join(root, path)),
    }));
  const inter = readFileSync(join(root, 'src/design/fonts/LICENSE-inter.txt'), 'utf8');
  return [...packages, { name: 'Inter (font)', version: '', licence: 'OFL-1.1', text: inter }].sort((a, b) =>
    a.name.localeCompare(b.name),
  );
}

function textIn(folder: string): string {
  if (!existsSync(folder)) return '';
  return readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copyright)/i.test(file) && /(\.txt|\.md|^[^.]+)$/i.test(file))
    .map((file) => join(folder, file))
    .filter((file) => !/licenses$/.test(file))
    .map((file) => readFileSync(file, 'utf8').trim())
    .join('\n\n');
}
