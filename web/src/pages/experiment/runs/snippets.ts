export type SnippetKind = 'Python' | 'CLI' | 'curl';

/** How a first run gets here, with this server's address. */
export function snippets(server: string, experimentId: string): Record<SnippetKind, string> {
  return {
    Python: [
      'import mlflow',
      '',
      `mlflow.set_tracking_uri("${server}")`,
      `mlflow.set_experiment(experiment_id="${experimentId}")`,
      '',
      'with mlflow.start_run():',
      '    mlflow.log_param("lr", 0.01)',
      '    for step in range(100):',
      '        mlflow.log_metric("loss", 1 / (step + 1), step=step)',
    ].join('\n'),
    CLI: [
      `export MLFLOW_TRACKING_URI=${server}`,
      `export MLFLOW_EXPERIMENT_ID=${experimentId}`,
      'python train.py          # logs there, without a change',
      'mlflow run . --env-manager=local',
    ].join('\n'),
    curl: [
      `curl -X POST ${server}/api/2.0/mlflow/runs/create \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{"experiment_id": "${experimentId}", "run_name": "first"}'`,
    ].join('\n'),
  };
}
