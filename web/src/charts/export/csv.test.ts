import { expect, test } from 'vitest';
import { csvRow } from './csv';

test('names with anything in them stay one cell, and none is a formula', () => {
  expect(csvRow(['a,b', 'say "x"', 'two\nlines', '=1+1', 'plain', -0.5, NaN])).toBe(
    '"a,b","say ""x""","two\nlines",\'=1+1,plain,-0.5,NaN\r\n',
  );
});
