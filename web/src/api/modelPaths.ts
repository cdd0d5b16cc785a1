/**
 * The files of logged models beside those of their run: below `models:/ID/`, as in MLflow's URIs, in one tree with the
 * run's own. No artifact is stored below a folder of this name: MLflow refuses colons in it.
 */

/** The folder of the models that a run has logged. */
export const MODELS_FOLDER = 'models:';

export const modelFolder = (modelId: string) => `${MODELS_FOLDER}/${modelId}`;

/** The model and the path in it, if a path is one of a logged model. */
export function modelPath(path: string): { modelId: string; path: string } | null {
  const found = /^models:\/([^/]+)(?:\/(.*))?$/s.exec(path);
  return found ? { modelId: found[1] ?? '', path: found[2] ?? '' } : null;
}
