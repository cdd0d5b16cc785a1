/** Metrics in sections by the prefix of their names, in the reader's order, found by a regular expression. */

export interface Section {
  /** The prefix; empty for metrics without one. */
  name: string;
  keys: readonly string[];
}

/** Everything up to the last slash: `train` of `train/loss`. */
export function sectionOf(key: string): string {
  const slash = key.lastIndexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}

const names = new Intl.Collator('en', { numeric: true });

/** Sections by name, those without a prefix first and `system` last. */
export function sectionsOf(
  keys: readonly string[],
  sectionMoves: readonly string[],
  chartMoves: readonly string[],
): Section[] {
  const found = new Map<string, string[]>();
  for (const key of [...keys].sort(names.compare)) {
    const name = sectionOf(key);
    const section = found.get(name);
    if (section) section.push(key);
    else found.set(name, [key]);
  }
  const order = [...found.keys()].sort(
    (a, b) => Number(isSystem(a)) - Number(isSystem(b)) || names.compare(a, b),
  );
  return applyMoves(order, sectionMoves).map((name) => ({
    name,
    keys: applyMoves(found.get(name) ?? [], chartMoves),
  }));
}

/** What a machine does is looked at rarely: its sections are closed by themselves. */
export function isSystem(section: string): boolean {
  return section === 'system' || section.startsWith('system/');
}

export function isFolded(section: string, fold: readonly string[]): boolean {
  return isSystem(section) !== fold.includes(section);
}

/** Pairs of what was moved and what it was put before. What is gone is skipped. */
export function applyMoves(items: readonly string[], moves: readonly string[]): string[] {
  const order = [...items];
  for (let i = 0; i + 1 < moves.length; i += 2) {
    const at = order.indexOf(moves[i] as string);
    if (at < 0) continue;
    const before = moves[i + 1] as string;
    // Moved within another section than before: not our business.
    if (before !== '' && !order.includes(before)) continue;
    const [moved] = order.splice(at, 1);
    order.splice(before === '' ? order.length : order.indexOf(before), 0, moved as string);
  }
  return order;
}

/** One more move; an earlier one of the same is forgotten, unless others were placed by it. */
export function withMove(moves: readonly string[], name: string, before: string): string[] {
  const kept: string[] = [];
  const isAnchor = moves.some((one, i) => i % 2 === 1 && one === name);
  for (let i = 0; i + 1 < moves.length; i += 2) {
    if (isAnchor || moves[i] !== name) kept.push(moves[i] as string, moves[i + 1] as string);
  }
  return [...kept, name, before];
}

/** The name before which `name` is to be put so that it moves by one place, or to an end. `null`: it is there. */
export function moveTarget(
  items: readonly string[],
  name: string,
  where: 'earlier' | 'later' | 'first' | 'last',
): string | null {
  const at = items.indexOf(name);
  if (at < 0) return null;
  if (where === 'earlier' || where === 'first') {
    return at === 0 ? null : (items[where === 'first' ? 0 : at - 1] as string);
  }
  if (at === items.length - 1) return null;
  return where === 'last' ? '' : (items[at + 2] ?? '');
}

export interface Search {
  test: (key: string) => boolean;
  /** Where in the text it is found, for marking. */
  ranges: (text: string) => [number, number][];
  /** Why the expression cannot be read. Then its text is searched for as it is. */
  error: string | null;
}

export function searchOf(expression: string): Search {
  if (!expression) return { test: () => true, ranges: () => [], error: null };
  let pattern: RegExp;
  let error: string | null = null;
  try {
    pattern = new RegExp(expression, 'giu');
  } catch (reason) {
    error = reason instanceof Error ? reason.message.replace(/^Invalid regular expression: /, '') : '';
    pattern = new RegExp(expression.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'giu');
  }
  return {
    test: (key) => {
      pattern.lastIndex = 0;
      return pattern.test(key);
    },
    ranges: (text) => {
      pattern.lastIndex = 0;
      return [...text.matchAll(pattern)].flatMap((match): [number, number][] =>
        match[0] ? [[match.index, match.index + match[0].length]] : [],
      );
    },
    error,
  };
}

export type GridRow =
  | { kind: 'section'; section: Section; isFolded: boolean }
  | { kind: 'charts'; section: string; keys: readonly string[] };

/** Rows of the grid: a line for each section, then its charts. */
export function gridRows(sections: readonly Section[], fold: readonly string[], across: number): GridRow[] {
  return sections.flatMap((section): GridRow[] => {
    const folded = isFolded(section.name, fold);
    const rows: GridRow[] = [{ kind: 'section', section, isFolded: folded }];
    if (folded) return rows;
    for (let i = 0; i < section.keys.length; i += across) {
      rows.push({ kind: 'charts', section: section.name, keys: section.keys.slice(i, i + across) });
    }
    return rows;
  });
}
