import { expect, test } from 'vitest';
import { decodeSeries, lowerBound } from './data';

/** The bytes of an answer, as docs/api.md says. */
function bytesOf(head: unknown, numbers: readonly number[]): ArrayBuffer {
  let text = JSON.stringify(head);
  while ((4 + text.length) % 8 !== 0) text += ' ';
  const bytes = new ArrayBuffer(4 + text.length + numbers.length * 8);
  const view = new DataView(bytes);
  view.setUint32(0, text.length, true);
  new Uint8Array(bytes, 4, text.length).set(new TextEncoder().encode(text));
  numbers.forEach((value, i) => view.setFloat64(4 + text.length + i * 8, value, true));
  return bytes;
}

const raw = { run: 'a', key: 'loss', total: 3, in_range: 3, raw: true, nan: 1, inf: 1, length: 3 };
const buckets = { run: 'b', key: 'loss', total: 2500, in_range: 2500, raw: false, nan: 0, inf: 0, length: 2 };

test('raw points and buckets are read in the order of the wire', () => {
  const bytes = bytesOf({ series: [raw, buckets] }, [
    ...[0, 1, 2],
    ...[0.5, NaN, -Infinity],
    ...[0, 1250],
    ...[1249, 2499],
    ...[0.1, 0.2],
    ...[0.9, 0.8],
    ...[0.4, 0.3],
    ...[1250, 1250],
    ...[0, 7],
  ]);
  const [first, second] = decodeSeries(bytes);
  expect(first?.isRaw).toBe(true);
  expect([...(first?.x ?? [])]).toEqual([0, 1, 2]);
  expect([...(first?.last ?? [])]).toEqual([0.5, NaN, -Infinity]);
  expect(first?.min).toBe(first?.last);
  expect([...(second?.xLast ?? [])]).toEqual([1249, 2499]);
  expect([...(second?.min ?? [])]).toEqual([0.1, 0.2]);
  expect([...(second?.max ?? [])]).toEqual([0.9, 0.8]);
  expect([...(second?.last ?? [])]).toEqual([0.4, 0.3]);
  expect([...(second?.nanN ?? [])]).toEqual([0, 7]);
});

test('a head whose text is longer than its bytes counts bytes, not letters', () => {
  const key = 'größe/😀';
  const text = JSON.stringify({ series: [{ ...raw, key, length: 1 }] });
  const encoded = new TextEncoder().encode(text);
  const length = Math.ceil((encoded.length + 4) / 8) * 8 - 4;
  const bytes = new ArrayBuffer(4 + length + 16);
  new Uint8Array(bytes).fill(32, 4, 4 + length).set(encoded, 4);
  new DataView(bytes).setUint32(0, length, true);
  new DataView(bytes).setFloat64(4 + length + 8, 42, true);
  expect(decodeSeries(bytes)[0]).toMatchObject({ key, last: Float64Array.of(42) });
});

test('an answer that is cut off is an error, not half a chart', () => {
  const bytes = bytesOf({ series: [raw] }, [0, 1, 2, 0.5, NaN]);
  expect(() => decodeSeries(bytes)).toThrow('cut off');
  expect(() => decodeSeries(new ArrayBuffer(2))).toThrow('cut off');
});

test('lowerBound finds the first that is not smaller', () => {
  expect([-1, 0, 1, 2, 3, 9].map((x) => lowerBound([0, 2, 2, 4], x))).toEqual([0, 0, 1, 1, 3, 4]);
});
