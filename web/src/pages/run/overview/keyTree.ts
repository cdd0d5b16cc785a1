/** Keys with a separator in them as a tree, and the tree as rows. */

import { byKey, compareNames } from '../../../format/order';

export interface Leaf<Value> {
  kind: 'leaf';
  /** The whole key. */
  key: string;
  /** What of it is shown below its groups. */
  label: string;
  depth: number;
  value: Value;
}

export interface Group {
  kind: 'group';
  /** The prefix that its keys share, with the separator at its end. */
  prefix: string;
  label: string;
  depth: number;
  /** How many keys are in it, however deep. */
  count: number;
  isOpen: boolean;
}

export type Row<Value> = Leaf<Value> | Group;

interface Node<Value> {
  prefix: string;
  groups: Map<string, Node<Value>>;
  leaves: { key: string; label: string; value: Value }[];
  count: number;
}

/**
 * The rows of a tree: below each level first its keys, then its groups. A group of one key is that key; a group with
 * nothing but one group in it is shown as one, `a.b`.
 */
export function treeRows<Value>(
  items: readonly { key: string; value: Value }[],
  separator: string,
  isOpen: (prefix: string) => boolean,
): Row<Value>[] {
  const root: Node<Value> = { prefix: '', groups: new Map(), leaves: [], count: 0 };
  for (const { key, value } of items) {
    let node = root;
    node.count += 1;
    const parts = key.split(separator);
    const label = parts.pop() ?? key;
    for (const part of parts) {
      const prefix = node.prefix + part + separator;
      let next = node.groups.get(part);
      if (!next) {
        next = { prefix, groups: new Map(), leaves: [], count: 0 };
        node.groups.set(part, next);
      }
      next.count += 1;
      node = next;
    }
    node.leaves.push({ key, label, value });
  }
  const rows: Row<Value>[] = [];
  addRows(root, 0, isOpen, rows);
  return rows;
}

function addRows<Value>(
  node: Node<Value>,
  depth: number,
  isOpen: (prefix: string) => boolean,
  rows: Row<Value>[],
) {
  const lone: Node<Value>['leaves'] = [];
  const groups: { label: string; node: Node<Value> }[] = [];
  for (const child of node.groups.values()) {
    if (child.count === 1) {
      const leaf = onlyLeaf(child);
      if (leaf) lone.push({ ...leaf, label: leaf.key.slice(node.prefix.length) });
      continue;
    }
    let inner = child;
    while (inner.leaves.length === 0 && inner.groups.size === 1) {
      inner = [...inner.groups.values()][0] ?? inner;
    }
    groups.push({ label: inner.prefix.slice(node.prefix.length, -1), node: inner });
  }
  for (const leaf of [...node.leaves, ...lone].sort(byKey)) rows.push({ kind: 'leaf', depth, ...leaf });
  for (const { label, node: group } of groups.sort((a, b) => compareNames(a.label, b.label))) {
    const open = isOpen(group.prefix);
    rows.push({ kind: 'group', prefix: group.prefix, label, depth, count: group.count, isOpen: open });
    if (open) addRows(group, depth + 1, isOpen, rows);
  }
}

function onlyLeaf<Value>(node: Node<Value>): Node<Value>['leaves'][number] | undefined {
  let here: Node<Value> | undefined = node;
  while (here) {
    if (here.leaves[0]) return here.leaves[0];
    here = [...here.groups.values()][0];
  }
  return undefined;
}

/** Params as nested objects where that is possible, for YAML and JSON: `a.b` below `a`, unless `a` is a param itself. */
export function nested(items: readonly { key: string; value: string }[]): Record<string, unknown> {
  const keys = new Set(items.map(({ key }) => key));
  const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of [...items].sort(byKey)) {
    const parts = key.split('.');
    const clashes = parts.some((part, i) => !part || (i > 0 && keys.has(parts.slice(0, i).join('.'))));
    if (clashes) {
      root[key] = scalar(value);
      continue;
    }
    let here = root;
    for (const part of parts.slice(0, -1)) {
      here[part] ??= Object.create(null) as Record<string, unknown>;
      here = here[part] as Record<string, unknown>;
    }
    here[parts[parts.length - 1] ?? key] = scalar(value);
  }
  return root;
}

/** A param's text as the number or truth that it says, if it says it exactly. */
function scalar(text: string): unknown {
  if (text === 'True' || text === 'true') return true;
  if (text === 'False' || text === 'false') return false;
  if (text === 'None' || text === 'null') return null;
  const value = Number(text);
  return text.trim() !== '' && String(value) === text && Number.isFinite(value) ? value : text;
}
