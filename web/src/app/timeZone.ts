import { setTimeZone, type TimeZone } from '../format/time';
import { stored, useStored } from './stored';

const zone = stored<TimeZone>('timeZone', (raw) => (raw === 'utc' ? 'utc' : 'local'));

zone.subscribe(() => setTimeZone(zone.get()));
setTimeZone(zone.get());

export const chooseTimeZone = zone.set;
export const useTimeZone = () => useStored(zone);
