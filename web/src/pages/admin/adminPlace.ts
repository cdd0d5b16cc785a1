/** What a path of the administration names. */

import { ofSegment } from '../../app/paths';

export type AdminPlace =
  { part: 'users'; user: string | null } | { part: 'roles'; role: number | null } | { part: 'audit' };

/** The path is encoded, as it stands in the address; `null`: there is no such page. */
export function adminPlace(path: string): AdminPlace | null {
  const [, , part = '', rest = '', ...more] = path.split('/');
  if (more.some(Boolean)) return null;
  switch (part) {
    case '':
    case 'users':
      return { part: 'users', user: rest ? decoded(rest) : null };
    case 'roles':
      if (rest && !/^\d+$/.test(rest)) return null;
      return { part: 'roles', role: rest ? Number(rest) : null };
    case 'audit':
      return rest ? null : { part: 'audit' };
    default:
      return null;
  }
}

function decoded(text: string): string {
  try {
    return ofSegment(decodeURIComponent(text));
  } catch {
    // A stray percent sign that somebody typed.
    return text;
  }
}
