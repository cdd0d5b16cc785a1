import { describe, expect, test } from 'vitest';
import { bytes, fullNumber, shortNumber } from './number';

describe('shortNumber', () => {
  test.each([
    [0, '0'],
    [0.912345, '0.9123'],
    [0.25, '0.25'],
    [1, '1'],
    [-3, '−3'],
    [12345, '12,345'],
    [12345.678, '12,346'],
    [1234.5, '1,235'],
    [99.996, '100'],
    [0.00012346, '0.0001235'],
    [0.0000123456, '1.235e-5'],
    [-1e-9, '−1e-9'],
    [123456789, '1.235e8'],
    [Number.NaN, 'NaN'],
    [1.7976931348623157e308, '∞'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('%d is %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});

test('every digit is there on demand', () => {
  expect(fullNumber(0.1234567890123)).toBe('0.1234567890123');
  expect(fullNumber(-1.7976931348623157e308)).toBe('-Infinity');
});

test('sizes are in powers of 1,024', () => {
  expect([0, 1023, 1024, 1536, 10 * 1024 * 1024].map(bytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '10 MiB',
  ]);
});
