import uPlot from 'uplot';
import { isUtc } from '../../format/time';

/** A time whose calendar is that of the reader: ticks of days are at midnight there. */
export function zoneDate(time: number): Date {
  return isUtc() ? uPlot.tzDate(new Date(time), 'Etc/UTC') : new Date(time);
}
