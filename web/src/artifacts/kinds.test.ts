import { describe, expect, it } from 'vitest';
import { kindOf, languageOf, looksLikeText } from './kinds';

describe('kindOf', () => {
  it.each([
    ['a/b.PNG', 'image'],
    ['MLmodel', 'model'],
    ['model/MLmodel', 'model'],
    ['Dockerfile', 'text'],
    ['requirements.txt', 'text'],
    ['.gitignore', 'text'],
    ['weights.bin', 'binary'],
    ['noending', 'binary'],
    ['a.tar.gz', 'binary'],
    ['explore.ipynb', 'notebook'],
    ['a.tsv', 'delimited'],
    ['constructor', 'binary'],
  ])('%s: %s', (path, kind) => expect(kindOf(path)).toBe(kind));
});

it('knows languages', () => {
  expect(languageOf('x/train.py')).toBe('python');
  expect(languageOf('train.log')).toBeNull();
});

it('tells text from bytes', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(looksLikeText(bytes('naïve 🎉\n\t\u001b[31mred'))).toBe(true);
  expect(looksLikeText(bytes('🎉').subarray(0, 3))).toBe(true);
  expect(looksLikeText(new Uint8Array([0xff, 0xfe, 0x41]))).toBe(false);
  expect(looksLikeText(new Uint8Array([65, 0, 66]))).toBe(false);
  expect(looksLikeText(new Uint8Array())).toBe(true);
});
