import { expect, test } from 'vitest';
import { marksOf } from './marks';

const shown = (text: string, ...words: string[]) =>
  marksOf(text, words)
    .map((part) => (part.isMarked ? `[${part.text}]` : part.text))
    .join('');

test('each place of each word is marked', () => {
  expect(shown('Vision/ResNet vision', 'vision', 'net')).toBe('[Vision]/Res[Net] [vision]');
  expect(shown('banana', 'ana')).toBe('b[anana]');
  expect(shown('abc', 'x', '')).toBe('abc');
  expect(shown('', 'x')).toBe('');
});

test('a text whose lower case has other places is left alone', () => {
  expect(shown('İxx', 'x')).toBe('İxx');
});
