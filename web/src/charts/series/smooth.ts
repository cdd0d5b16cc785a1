/** Smoothing of a line. A value that is not finite stays one, and is no part of its neighbours. */

export type Smoothing =
  | { kind: 'off' }
  /** Exponential: each point keeps `amount` (0–1) of the one before, per typical distance between two points. */
  | { kind: 'ema'; amount: number }
  /** The mean of so many points, half of them on either side. */
  | { kind: 'mean'; amount: number }
  /** A bell whose standard deviation is so many points. */
  | { kind: 'gauss'; amount: number };

export function smooth(x: Float64Array, y: Float64Array, smoothing: Smoothing): Float64Array {
  switch (smoothing.kind) {
    case 'off':
      return y;
    case 'ema':
      return ema(x, y, smoothing.amount);
    case 'mean':
      return centredMean(y, smoothing.amount);
    case 'gauss':
      return gauss(y, smoothing.amount);
  }
}

/**
 * Bias-corrected, as TensorBoard's: the first points are not pulled to zero. Where points are further apart than usual,
 * less of the past is kept, so that gaps and uneven logging do not bend the line.
 */
export function ema(x: Float64Array, y: Float64Array, amount: number): Float64Array {
  const weight = Math.min(Math.max(amount, 0), 0.9999);
  const spacing = typicalSpacing(x);
  const out = new Float64Array(y.length);
  let mean = 0;
  let mass = 0;
  let lastX = NaN;
  for (let i = 0; i < y.length; i += 1) {
    const value = y[i] as number;
    if (!Number.isFinite(value)) {
      out[i] = NaN;
      continue;
    }
    const at = x[i] as number;
    const distance = Number.isNaN(lastX) || spacing === 0 ? 1 : (at - lastX) / spacing;
    const kept = weight ** Math.max(distance, 0);
    mean = kept * mean + (1 - weight) * value;
    mass = kept * mass + (1 - weight);
    out[i] = mass > 0 ? mean / mass : value;
    lastX = at;
  }
  return out;
}

/** The median distance between neighbours that differ. */
export function typicalSpacing(x: Float64Array): number {
  const gaps: number[] = [];
  const stride = Math.max(1, Math.floor(x.length / 500));
  for (let i = 1; i < x.length; i += stride) {
    const gap = (x[i] as number) - (x[i - 1] as number);
    if (gap > 0) gaps.push(gap);
  }
  gaps.sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 0;
}

export function centredMean(y: Float64Array, points: number): Float64Array {
  const half = Math.max(0, Math.floor((points - 1) / 2));
  return weighted(y, new Float64Array(half + 1).fill(1));
}

export function gauss(y: Float64Array, deviation: number): Float64Array {
  if (!(deviation > 0)) return y;
  const weights = Float64Array.from({ length: Math.ceil(3 * deviation) + 1 }, (_, i) =>
    Math.exp(-(i * i) / (2 * deviation * deviation)),
  );
  return weighted(y, weights);
}

/** Each point as the mean of its neighbours, `weights[d]` for those at distance `d`. */
function weighted(y: Float64Array, weights: Float64Array): Float64Array {
  const out = new Float64Array(y.length);
  const reach = weights.length - 1;
  for (let i = 0; i < y.length; i += 1) {
    if (!Number.isFinite(y[i])) {
      out[i] = NaN;
      continue;
    }
    // At the ends the window shrinks on both sides, so that the line is not bent towards the inside.
    const side = Math.min(reach, i, y.length - 1 - i);
    let total = 0;
    let mass = 0;
    for (let d = -side; d <= side; d += 1) {
      const value = y[i + d] as number;
      if (!Number.isFinite(value)) continue;
      const weight = weights[Math.abs(d)] as number;
      total += weight * value;
      mass += weight;
    }
    out[i] = total / mass;
  }
  return out;
}
