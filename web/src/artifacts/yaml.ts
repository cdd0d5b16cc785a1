import { load } from 'js-yaml';

/** Values that a document may have once its aliases are written out. security.md, section 12. */
const MOST_VALUES = 10_000;

/** Reads YAML. Aliases of aliases make a short text a value without end: such a document is refused. */
export function parseYaml(text: string): unknown {
  const value = load(text);
  if (hasMore(value, MOST_VALUES))
    throw new Error(`More than ${MOST_VALUES} values, with its aliases written out.`);
  return value;
}

function hasMore(value: unknown, most: number): boolean {
  let left = most;
  const walk = (one: unknown): boolean => {
    left -= 1;
    if (left < 0) return true;
    return typeof one === 'object' && one !== null && Object.values(one).some(walk);
  };
  return walk(value);
}
