import { expect, it } from 'vitest';
import { pythonText, shellText } from './code';

it('quotes for Python and for a shell', () => {
  expect(pythonText('a"b\\')).toBe('"a\\"b\\\\"');
  expect(shellText("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  expect(shellText('plain-1.txt')).toBe('plain-1.txt');
});
