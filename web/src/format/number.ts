/** Numbers as the pages show them. */

/** MLflow stores ±∞ as the largest double. */
const STORED_INFINITY = 1.7976931348623157e308;

/** Four significant digits, no more: `0.9123`, `12,345`, `1.235e-7`, `NaN`, `−∞`. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const size = Math.abs(value);
  if (size >= STORED_INFINITY) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  if (Number.isInteger(value) && size < 1e7) return grouped(value);
  if (size >= 1e7 || size < 1e-4) return minus(trimZeros(value.toExponential(3)));
  const digits = Math.max(0, 3 - Math.floor(Math.log10(size)));
  const text = value.toFixed(digits);
  return minus(digits > 0 ? text.replace(/\.?0+$/, '') : grouped(Number(text)));
}

/** Every digit, for hovers and copies. */
export function fullNumber(value: number): string {
  if (Math.abs(value) >= STORED_INFINITY) return value > 0 ? 'Infinity' : '-Infinity';
  return String(value);
}

/** Kept: to make one costs more than to use it a hundred times. */
const groups = new Intl.NumberFormat('en-US');

/** A count with separators: `12,345`. */
export function grouped(value: number): string {
  return minus(groups.format(value));
}

/** Bytes in powers of 1,024: `1.5 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let size = value / 1024;
  let unit = 0;
  while (size >= 1023.95 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`;
}

function trimZeros(text: string): string {
  return text.replace(/\.?0+e/, 'e').replace('e+', 'e');
}

/** With a real minus sign, which is as wide as a digit. */
function minus(text: string): string {
  return text.replace('-', '−').replace(/e−/, 'e-');
}
