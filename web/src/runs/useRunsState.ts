import { type Patch, usePageState } from '../url/usePageState';
import { type RunsState, runsSchema } from './runsState';

/** The one state of the table and the charts of an experiment. */
export function useRunsState(): [RunsState, Patch<RunsState>] {
  return usePageState(runsSchema);
}
