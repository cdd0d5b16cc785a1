import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Codec, flag, list, maybeList, maybeNumber, oneOf, parseState, printState, text } from './codec';

const survives =
  <Value>(codec: Codec<Value>) =>
  (value: Value) => {
    const query = printState({ a: codec }, { a: value }, new URLSearchParams());
    expect(parseState({ a: codec }, new URLSearchParams(query.toString()))).toEqual({ a: value });
  };

// A lone surrogate is no text that a URL can hold.
const words = fc.string({ unit: 'grapheme' });

test('every state comes back from the URL', () => {
  fc.assert(fc.property(words, survives(text)));
  fc.assert(fc.property(fc.array(words), survives(list)));
  fc.assert(fc.property(fc.option(fc.array(words)), survives(maybeList)));
  fc.assert(fc.property(fc.boolean(), survives(flag)));
  fc.assert(fc.property(fc.option(fc.integer()), survives(maybeNumber)));
});

test('what the URL cannot mean is the default', () => {
  expect(oneOf('active', 'deleted').parse('<script>')).toBe('active');
  expect(maybeNumber.parse('NaN')).toBeNull();
});

test('parameters of others stay', () => {
  const query = printState({ q: text }, { q: '' }, new URLSearchParams('q=x&theme=dark'));
  expect(query.toString()).toBe('theme=dark');
});
