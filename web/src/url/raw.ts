/**
 * The address as it is. The router decodes it once before it is taken apart, which makes `%ab` of the filter
 * `LIKE '%ab'`, and then something else of that.
 */

import { useLocationProperty } from 'wouter/use-browser-location';
import { base } from '../app/base';

/** The query, without its question mark. */
export const rawSearch = () => location.search.slice(1);

/** The query of the address, followed as it changes. */
export const useRawSearch = () => useLocationProperty(rawSearch);

/** The path below the router's base. */
export function rawPath(): string {
  const { pathname } = location;
  return (pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname) || '/';
}
