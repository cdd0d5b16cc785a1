/** A perceptual palette: equal steps of the value look like equal steps of the colour, also to colour-blind readers. */

/** Viridis, ten of its colours. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

/** Its part that stands out: without the lightest on white, without the darkest on black. */
const RANGES = { light: [0, 0.86], dark: [0.24, 1] } as const;

export type Shade = keyof typeof RANGES;

/** The colour at `share` (0 to 1) of the palette. */
export function paletteColor(share: number, shade: Shade): string {
  return `rgb(${paletteBytes(share, shade).join(',')})`;
}

/** The same as three bytes. */
export function paletteBytes(share: number, shade: Shade): [number, number, number] {
  const [from, to] = RANGES[shade];
  const at = (from + (to - from) * Math.min(1, Math.max(0, share))) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const [a, b] = [STOPS[low] ?? [0, 0, 0], STOPS[low + 1] ?? [0, 0, 0]];
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (at - low));
  return [mix(0), mix(1), mix(2)];
}

/** As a CSS gradient, for the key beside a chart. */
export function paletteGradient(shade: Shade): string {
  const stops = Array.from({ length: 9 }, (_, i) => paletteColor(i / 8, shade));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** Where `value` is between two bounds; the middle if they are the same. */
export function shareOf(value: number, [low, high]: readonly [number, number]): number {
  return high > low ? (value - low) / (high - low) : 0.5;
}

/** Black or white: what is readable on a colour of the palette. */
export function inkOn(share: number, shade: Shade): string {
  const [r, g, b] = paletteBytes(share, shade);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#000' : '#fff';
}
