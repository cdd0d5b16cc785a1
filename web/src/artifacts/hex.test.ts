import { expect, it } from 'vitest';
import { hexLines, signatureOf } from './hex';

it('writes rows of sixteen', () => {
  const bytes = new TextEncoder().encode('Hello, World! <x>\n');
  expect(hexLines(bytes)).toEqual([
    '00000000  48 65 6c 6c 6f 2c 20 57  6f 72 6c 64 21 20 3c 78  |Hello, World! <x|',
    '00000010  3e 0a                                             |>.|',
  ]);
  expect(hexLines(new Uint8Array())).toEqual([]);
});

it('knows formats by their first bytes', () => {
  expect(signatureOf(new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]))).toBe('NumPy array');
  expect(signatureOf(new Uint8Array([1, 2]))).toBeNull();
});
