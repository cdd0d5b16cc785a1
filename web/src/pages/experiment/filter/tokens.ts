/** Cuts what is typed into a filter into tokens of MLflow's grammar. Never fails: the server judges, this only helps. */

export type TokenKind = 'name' | 'operator' | 'value' | 'and' | 'open' | 'close' | 'comma' | 'other';

export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
  end: number;
}

const NAME = /^[A-Za-z_]\w*(?:\.(?:`[^`]*`?|"[^"]*"?|[^\s=!<>'"`(),]*))?/;
const TEXT = /^(?:'[^']*'?|"[^"]*"?|`[^`]*`?)/;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/;
const COMPARISON = /^(?:>=|<=|!=|=|<|>)/;
const WORD_OPERATORS = /^(?:LIKE|ILIKE|IN|IS|NOT)$/i;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = /^\s+/.exec(text.slice(at));
    if (space) {
      at += space[0].length;
      continue;
    }
    const { kind, length } = tokenAt(text.slice(at));
    tokens.push({ kind, text: text.slice(at, at + length), start: at, end: at + length });
    at += length;
  }
  return tokens;
}

function tokenAt(rest: string): { kind: TokenKind; length: number } {
  const single: Record<string, TokenKind> = { '(': 'open', ')': 'close', ',': 'comma' };
  const known = single[rest.charAt(0)];
  if (known) return { kind: known, length: 1 };
  const length = (pattern: RegExp) => pattern.exec(rest)?.[0].length ?? 0;
  const comparison = length(COMPARISON);
  if (comparison) return { kind: 'operator', length: comparison };
  const quoted = length(TEXT);
  if (quoted) return { kind: 'value', length: quoted };
  const number = length(NUMBER);
  if (number) return { kind: 'value', length: number };
  const name = NAME.exec(rest)?.[0];
  if (name) {
    if (/^AND$/i.test(name)) return { kind: 'and', length: name.length };
    if (/^NULL$/i.test(name)) return { kind: 'value', length: name.length };
    return { kind: WORD_OPERATORS.test(name) ? 'operator' : 'name', length: name.length };
  }
  return { kind: 'other', length: Math.max(1, length(/^[^\s=!<>'"`(),]+/)) };
}
