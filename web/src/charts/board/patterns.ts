import { stored, useStored } from '../../app/stored';

/** Lines differ by dashes, too: a preference of the reader, for all charts. */
const patterns = stored<boolean>('patterns', (raw) => raw === true);

export const choosePatterns = patterns.set;
export const usePatterns = () => useStored(patterns);
