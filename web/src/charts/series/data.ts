/** Metric histories as the server answers them, in columns: docs/api.md, `POST series`. */

export interface SeriesData {
  run: string;
  key: string;
  /** Points of the whole series, and of those in the range that was asked for. */
  total: number;
  inRange: number;
  /** Each point as it was logged; otherwise buckets of neighbouring points. */
  isRaw: boolean;
  /** NaN and ±∞ in the range. */
  nan: number;
  inf: number;
  x: Float64Array;
  /** The last x of a bucket; of raw points the same as `x`. */
  xLast: Float64Array;
  /** Least, greatest and last finite value of a bucket; of raw points all three are the value, finite or not. */
  min: Float64Array;
  max: Float64Array;
  last: Float64Array;
  /** Points of a bucket, and how many of them are NaN or ±∞; `null` for raw points. */
  n: Float64Array | null;
  nanN: Float64Array | null;
}

export const SERIES_TYPE = 'application/vnd.oxflow.series';

/** The head of one series. */
export interface SeriesHead {
  run: string;
  key: string;
  total: number;
  in_range: number;
  raw: boolean;
  nan: number;
  inf: number;
  length: number;
}

/** Arrays of raw points: x, value; of buckets: x, x_last, min, max, last, n, nan_n. */
const RAW_COLUMNS = 2;
const BUCKET_COLUMNS = 7;

/**
 * Reads the binary answer: a u32 `h`, `h` bytes of JSON padded so that the numbers are aligned, then the columns as
 * little-endian doubles. The columns are views of the buffer, not copies.
 */
export function decodeSeries(bytes: ArrayBuffer): SeriesData[] {
  if (bytes.byteLength < 4) throw new Error('The answer about metrics is cut off.');
  const headLength = new DataView(bytes).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, headLength));
  const { series } = JSON.parse(text) as { series: SeriesHead[] };
  let offset = 4 + headLength;
  const found = series.map((head) => {
    const columns = head.raw ? RAW_COLUMNS : BUCKET_COLUMNS;
    if (offset + columns * head.length * 8 > bytes.byteLength) {
      throw new Error('The answer about metrics is cut off.');
    }
    const next = () => {
      const column = doubles(bytes, offset, head.length);
      offset += head.length * 8;
      return column;
    };
    return head.raw ? rawSeries(head, next(), next()) : bucketSeries(head, next);
  });
  return found;
}

export function rawSeries(head: SeriesHead, x: Float64Array, value: Float64Array): SeriesData {
  return {
    ...headOf(head),
    isRaw: true,
    x,
    xLast: x,
    min: value,
    max: value,
    last: value,
    n: null,
    nanN: null,
  };
}

function bucketSeries(head: SeriesHead, next: () => Float64Array): SeriesData {
  // In the order of the wire: the calls must not change places.
  const x = next();
  const xLast = next();
  const min = next();
  const max = next();
  const last = next();
  const n = next();
  const nanN = next();
  return { ...headOf(head), isRaw: false, x, xLast, min, max, last, n, nanN };
}

function headOf(head: SeriesHead) {
  const { run, key, total, in_range: inRange, nan, inf } = head;
  return { run, key, total, inRange, nan, inf };
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function doubles(bytes: ArrayBuffer, offset: number, length: number): Float64Array {
  if (isLittleEndian && offset % 8 === 0) return new Float64Array(bytes, offset, length);
  const view = new DataView(bytes);
  return Float64Array.from({ length }, (_, i) => view.getFloat64(offset + i * 8, true));
}

/** The first index whose x is at least `x`. */
export function lowerBound(xs: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
