import { expect, test } from 'vitest';
import { csvText, fileName, markdownTable } from './csv';

test('CSV quotes what needs it, and no cell is a formula', () => {
  expect(
    csvText([
      ['a', 'b,c', 'say "hi"'],
      [1, -2, null],
      ['-0.5', '=1+1', '@x'],
    ]),
  ).toBe('a,"b,c","say ""hi"""\r\n1,-2,\r\n-0.5,\'=1+1,\'@x\r\n');
});

test('Markdown keeps its columns', () => {
  expect(
    markdownTable([
      ['key', 'a|b'],
      ['x\ny', 2],
    ]),
  ).toBe('| key | a\\|b |\n| --- | --- |\n| x y | 2 |\n');
});

test('a name of a file', () => {
  expect(fileName('val/loss by µ & co.', 'csv')).toBe('val-loss-by-µ-co..csv');
  expect(fileName('//', 'png')).toBe('oxflow.png');
});
