/** What can be done with experiments; each says what it did, and how to undo it. */

import type { QueryClient } from '@tanstack/react-query';
import {
  deleteExperiment,
  deleteExperimentTag,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from '../../api/mlflow';
import type { ExperimentSummary } from '../../api/types';
import { renameOpened } from '../../app/opened';
import { inWords } from '../../design/States';
import { toast } from '../../design/toasts';
import { NOTE_TAG } from './tags';

/** How many calls are under way at a time. */
const AT_ONCE = 6;

export class ExperimentActions {
  constructor(private readonly queries: QueryClient) {}

  delete(experiments: readonly ExperimentSummary[]) {
    return this.#each(
      experiments,
      'deleted',
      (one) => deleteExperiment(one.experiment_id),
      () => this.restore(experiments),
    );
  }

  restore(experiments: readonly ExperimentSummary[]) {
    return this.#each(experiments, 'restored', (one) => restoreExperiment(one.experiment_id));
  }

  setTag(experiments: readonly ExperimentSummary[], key: string, value: string) {
    return this.#each(experiments, `tagged ${key}`, (one) => setExperimentTag(one.experiment_id, key, value));
  }

  /** Throws what the server refuses: the dialog shows it. */
  async rename(experiment: ExperimentSummary, name: string) {
    await renameExperiment(experiment.experiment_id, name);
    renameOpened(experiment.experiment_id, name);
    await this.changed();
  }

  async setNote(experiment: ExperimentSummary, note: string) {
    await setExperimentTag(experiment.experiment_id, NOTE_TAG, note);
    await this.changed();
  }

  async setOneTag(experiment: ExperimentSummary, key: string, value: string) {
    await setExperimentTag(experiment.experiment_id, key, value);
    await this.changed();
  }

  async deleteOneTag(experiment: ExperimentSummary, key: string) {
    await deleteExperimentTag(experiment.experiment_id, key);
    await this.changed();
  }

  /** Everything that shows experiments is read anew. */
  async changed() {
    await Promise.all([
      this.queries.invalidateQueries({ queryKey: ['experiments/summary'] }),
      this.queries.invalidateQueries({ queryKey: ['experiments/get'] }),
    ]);
  }

  async #each(
    experiments: readonly ExperimentSummary[],
    done: string,
    act: (experiment: ExperimentSummary) => Promise<unknown>,
    undo?: () => unknown,
  ) {
    const failed: { name: string; error: unknown }[] = [];
    const waiting = [...experiments];
    const worker = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        try {
          await act(one);
        } catch (error) {
          failed.push({ name: one.name, error });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const count = experiments.length - failed.length;
    if (count > 0) {
      const what = experiments.length === 1 ? `“${experiments[0]?.name}”` : `${count} experiments`;
      toast(`${what} ${done}`, undo && failed.length === 0 ? { action: { label: 'Undo', run: undo } } : {});
    }
    for (const { name, error } of failed.slice(0, 3)) {
      toast(`“${name}” was not ${done}: ${inWords(error).detail}`, { kind: 'failed' });
    }
    if (failed.length > 3) toast(`${failed.length - 3} more failed`, { kind: 'failed' });
    await this.changed();
  }
}
