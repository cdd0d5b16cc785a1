/** The datasets that the filter asks for: a clause of it, so that there is one filter only. Pure. */

import { clausesOf, quotedText, withClause, without } from '../filter/clauses';

const NAME = /^datasets?\.digest$/;

function clauseIndex(q: string): number {
  return clausesOf(q).findIndex(({ tokens }) => {
    const [name, operator] = tokens;
    return NAME.test(name?.text ?? '') && /^(?:IN|=)$/i.test(operator?.text ?? '');
  });
}

/** The digests that runs must use one of. */
export function datasetsIn(q: string): string[] {
  const clause = clausesOf(q)[clauseIndex(q)];
  return (clause?.tokens ?? []).filter(({ kind }) => kind === 'value').map(({ text }) => text.slice(1, -1));
}

/** The filter with a dataset more, or one less. */
export function withDataset(q: string, digest: string): string {
  const before = datasetsIn(q);
  const digests = before.includes(digest) ? before.filter((one) => one !== digest) : [...before, digest];
  const at = clauseIndex(q);
  const rest = at < 0 ? q : without(q, at);
  if (digests.length === 0) return rest;
  return withClause(rest, `datasets.digest IN (${digests.map(quotedText).join(', ')})`);
}
