/** Times and durations as the pages show them. Times are ms since 1970. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: `just now`, `5 min ago`, `3 h ago`, `yesterday`, `12 days ago`, then the date. */
export function ago(time: number, now: number): string {
  const past = now - time;
  if (past < 0) return past > -MINUTE ? 'just now' : localDate(time);
  if (past < MINUTE) return past < 10_000 ? 'just now' : `${Math.floor(past / 1000)} s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  const days = Math.floor(past / DAY);
  if (days === 1) return 'yesterday';
  if (days < 30) return `${days} days ago`;
  return localDate(time);
}

export type TimeZone = 'local' | 'utc';

let timeZone: TimeZone = 'local';

/** Which times [localDate] and [localTime] tell: a preference of the reader. */
export function setTimeZone(zone: TimeZone) {
  timeZone = zone;
}

export const isUtc = () => timeZone === 'utc';

/** `2026-11-21`, in the reader's time zone, or in UTC if the reader wants that. */
export function localDate(time: number): string {
  if (timeZone === 'utc') return new Date(time).toISOString().slice(0, 10);
  const date = new Date(time);
  return [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
}

/** `2026-11-21 14:03:59`, in the reader's time zone, or in UTC if the reader wants that. */
export function localTime(time: number): string {
  if (timeZone === 'utc') return utcTime(time);
  const date = new Date(time);
  return `${localDate(time)} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':')}`;
}

/** `2026-11-21 13:03:59 UTC`. */
export function utcTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `0.3 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 0) return '–';
  if (ms < 1000) return `${ms} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', 1000, 's');
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY, 'd', HOUR, 'h');
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const head = `${Math.floor(ms / large)} ${largeName}`;
  return rest ? `${head} ${rest} ${smallName}` : head;
}

function pad(part: number): string {
  return String(part).padStart(2, '0');
}
