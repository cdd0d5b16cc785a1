import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delimiterOf, parseDelimited } from './delimited';

describe('parseDelimited', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    [
      '"a, ""b""",c\n"two\nlines",d',
      [
        ['a, "b"', 'c'],
        ['two\nlines', 'd'],
      ],
    ],
    ['\ufeffa\n\n\nb', [['a'], ['b']]],
    ['a"b,c', [['a"b', 'c']]],
    ['"open,never\nclosed', [['open,never\nclosed']]],
    ['"x"y,z', [['xy', 'z']]],
    ['""\nb', [[''], ['b']]],
    ['', []],
    [',\n', [['', '']]],
  ])('%j', (text, rows) => expect(parseDelimited(text, ',')).toEqual(rows));

  it('stops at so many rows', () => {
    expect(parseDelimited('a\nb\nc', ',', 2)).toEqual([['a'], ['b']]);
  });

  it('reads what is written with quotes', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ') });
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const text = rows.map((row) => row.map((one) => `"${one.replace(/"/g, '""')}"`).join(',')).join('\n');
        expect(parseDelimited(text, ',')).toEqual(rows);
      }),
    );
  });
});

it('finds the delimiter', () => {
  expect(delimiterOf('a\tb\n')).toBe('\t');
  expect(delimiterOf('"x;y;z",b\n')).toBe(',');
  expect(delimiterOf('a;b;c')).toBe(';');
  expect(delimiterOf('one')).toBe(',');
});
