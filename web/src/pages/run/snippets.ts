/** The same run by other means: Python and curl. */

import { pythonText, shellText } from '../../format/code';

export function pythonOfRun(server: string, runId: string): string {
  return [
    'import mlflow',
    '',
    `mlflow.set_tracking_uri(${pythonText(server)})`,
    `run = mlflow.get_run(${pythonText(runId)})`,
    'print(run.data.params, run.data.metrics)',
    '',
    '# The history of one metric',
    'client = mlflow.MlflowClient()',
    'for key in run.data.metrics:',
    '    history = client.get_metric_history(run.info.run_id, key)',
    '',
    '# Its artifacts',
    'path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id)',
    '',
  ].join('\n');
}

export function curlOfRun(server: string, runId: string): string {
  const address = `${server}/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(runId)}`;
  return `curl -s ${shellText(address)}\n`;
}
