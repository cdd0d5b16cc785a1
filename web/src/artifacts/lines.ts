/** Text as lines of pieces, and where words are in them. */

export interface Piece {
  text: string;
  /** The name of its colour, of highlight.js; empty for plain. */
  scope: string;
}

export type Line = readonly Piece[];

/** More of one line is not drawn. */
export const LONGEST = 5_000;

/** Colours of terminals. */
const TERMINAL = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** A text without the codes of terminals, with one kind of line end. */
export const cleaned = (text: string) => text.replace(TERMINAL, '').replace(/\r\n?/g, '\n');

export const plainLines = (text: string): Line[] =>
  text.split('\n').map((line) => (line ? [{ text: line, scope: '' }] : []));

export const lineText = (line: Line) => line.map(({ text }) => text).join('');

export interface Match {
  line: number;
  from: number;
  to: number;
}

/** Where a text occurs, whatever the case of its letters; at most so many. */
export function matches(lines: readonly Line[], wanted: string, most = 5_000): Match[] {
  const found: Match[] = [];
  const needle = wanted.toLowerCase();
  if (!needle) return found;
  for (let line = 0; line < lines.length; line += 1) {
    const text = lineText(lines[line] ?? []).toLowerCase();
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
      found.push({ line, from: at, to: at + needle.length });
      if (found.length >= most) return found;
    }
  }
  return found;
}

export interface MarkedPiece extends Piece {
  /** The number of the match that it is part of. */
  match: number | null;
}

/** A line with its matches as pieces of their own, and cut at the longest that is drawn. */
export function marked(line: Line, found: readonly (Match & { index: number })[]): MarkedPiece[] {
  const pieces: MarkedPiece[] = [];
  let at = 0;
  for (const { text, scope } of line) {
    if (at >= LONGEST) break;
    const end = Math.min(at + text.length, LONGEST);
    let here = at;
    for (const match of found) {
      const from = Math.max(match.from, here);
      const to = Math.min(match.to, end);
      if (from >= to) continue;
      if (from > here) pieces.push({ text: text.slice(here - at, from - at), scope, match: null });
      pieces.push({ text: text.slice(from - at, to - at), scope, match: match.index });
      here = to;
    }
    if (here < end) pieces.push({ text: text.slice(here - at, end - at), scope, match: null });
    at += text.length;
  }
  return pieces;
}
