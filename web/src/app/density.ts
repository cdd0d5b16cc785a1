import { stored, useStored } from './stored';

/** How high rows of tables are: a preference, for all tables. */
export type Density = 'compact' | 'normal' | 'comfortable';

export const DENSITIES: readonly Density[] = ['compact', 'normal', 'comfortable'];

/** The height of a row in px, as virtual tables compute with it; the tokens `--row…` say the same. */
export const ROW_HEIGHT: Record<Density, number> = { compact: 26, normal: 32, comfortable: 40 };

const density = stored<Density>('density', (raw) => DENSITIES.find((one) => one === raw) ?? 'normal');

export const chooseDensity = density.set;
export const useDensity = () => useStored(density);
