import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runsSchema } from '../runs/runsState';
import { parseState, printState } from '../url/codec';
import { boardSchema, type BoardState } from './boardState';

const parse = (query: string) => parseState(boardSchema, new URLSearchParams(query));

const bounds = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }))
  .map(([min, width]) => ({ min, max: min + width }));
const words = fc.string({ unit: 'grapheme' });

const anyState: fc.Arbitrary<BoardState> = fc.record({
  x: fc.oneof(
    fc.constantFrom('step', 'time', 'relative'),
    words.filter((w) => w !== '').map((w) => `metric.${w}` as const),
  ),
  xlog: fc.boolean(),
  ylog: fc.boolean(),
  y: fc.oneof(fc.constantFrom('auto', 'outliers'), bounds),
  smooth: fc.oneof(
    fc.constant({ kind: 'off' }),
    fc.record({ kind: fc.constantFrom('mean'), amount: fc.integer({ min: 3, max: 501 }) }),
  ),
  m: words,
  by: fc.array(words),
  band: fc.constantFrom('std', 'minmax'),
  base: words,
  against: fc.constantFrom('difference', 'ratio'),
  zoom: fc.option(bounds),
  across: fc.constantFrom('auto', '1', '4'),
  height: fc.constantFrom('m', 's', 'l'),
  n: fc.integer({ min: 1, max: 200 }),
  fold: fc.array(words),
  moves: fc.array(words),
  order: fc.array(words),
  full: words,
}) as fc.Arbitrary<BoardState>;

test('every state comes back from the URL', () => {
  fc.assert(
    fc.property(anyState, (state) => {
      const query = printState(boardSchema, state, new URLSearchParams()).toString();
      expect(parse(query)).toEqual(state);
    }),
  );
});

test('a board that nobody changed leaves the URL alone', () => {
  expect(printState(boardSchema, parse(''), new URLSearchParams()).toString()).toBe('');
});

test('what makes no sense is the default', () => {
  expect(parse('n=-3&zoom=5..1&y=a..b&smooth=ema:x&x=metric.&across=9')).toEqual({
    ...parse(''),
    smooth: { kind: 'ema', amount: 0.6 },
  });
  expect(parse('smooth=ema:7').smooth).toEqual({ kind: 'ema', amount: 0.999 });
});

test('no name is also one of the table of runs, as both are in one URL', () => {
  expect(Object.keys(boardSchema).filter((name) => name in runsSchema)).toEqual([]);
});
