/** What of a run can be registered as a model. */

import type { LoggedModel, Run } from '../../api/mlflow';
import { tagsOf } from './runFacts';

export interface ModelSource {
  /** As the registry keeps it. */
  source: string;
  label: string;
  modelId: string | null;
}

const HISTORY = 'mlflow.log-model.history';

/** The models that the run logged, as models of their own (MLflow 3) and as folders of its artifacts (before). */
export function modelSources(run: Run, models: ReadonlyMap<string, LoggedModel>): ModelSource[] {
  const { run_id: runId, artifact_uri: root } = run.info;
  const logged = (run.outputs?.model_outputs ?? []).map(({ model_id: modelId }): ModelSource => {
    const name = models.get(modelId)?.info.name;
    return {
      source: `models:/${modelId}`,
      label: name ? `${name} (${modelId})` : modelId,
      modelId,
    };
  });
  const folders = [...new Set(historyPaths(tagsOf(run).get(HISTORY)))].map((path): ModelSource => ({
    // What the client writes for runs:/RUN/PATH.
    source: `${root.replace(/\/$/, '')}/${path}`,
    label: `runs:/${runId.slice(0, 8)}…/${path}`,
    modelId: null,
  }));
  return [...logged, ...folders];
}

export function canRegister(run: Run): boolean {
  return run.info.lifecycle_stage === 'active' && modelSources(run, new Map()).length > 0;
}

function historyPaths(tag: string | undefined): string[] {
  try {
    const entries: unknown = JSON.parse(tag ?? '[]');
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((one: unknown) => {
      const path = (one as { artifact_path?: unknown } | null)?.artifact_path;
      return typeof path === 'string' && path ? [path] : [];
    });
  } catch {
    return [];
  }
}
