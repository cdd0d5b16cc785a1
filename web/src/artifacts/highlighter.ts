/** Colours for code: highlight.js with a few languages, as tokens instead of HTML. */

import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import ini from 'highlight.js/lib/languages/ini';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import sql from 'highlight.js/lib/languages/sql';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import type { Line, Piece } from './lines';

for (const [name, language] of Object.entries({
  bash,
  ini,
  javascript,
  json,
  markdown,
  python,
  r,
  sql,
  xml,
  yaml,
})) {
  hljs.registerLanguage(name, language);
}

/** The tree that highlight.js writes its HTML from; not in its types. */
interface TokenNode {
  scope?: string;
  children: (TokenNode | string)[];
}

/** The lines of a text, each cut into pieces with the names of their colours. */
export function highlightedLines(code: string, language: string): Line[] {
  const { _emitter: emitter } = hljs.highlight(code, { language, ignoreIllegals: true });
  const lines: Piece[][] = [[]];
  const walk = (node: TokenNode | string, scope: string) => {
    if (typeof node !== 'string') {
      for (const child of node.children) walk(child, node.scope ?? scope);
      return;
    }
    node.split('\n').forEach((text, i) => {
      if (i > 0) lines.push([]);
      if (text) lines[lines.length - 1]?.push({ text, scope });
    });
  };
  walk((emitter as unknown as { rootNode: TokenNode }).rootNode, '');
  return lines;
}
