import { Link } from 'wouter';
import { paths } from '../../app/paths';
import { CodeSnippets } from '../../design/CodeSnippets';
import { Button } from '../../design/Button';
import { Empty } from '../../design/States';

/** A server without runs: how to send it the first. */
export function FirstSteps({ isEmpty, onCreate }: { isEmpty: boolean; onCreate: () => void }) {
  const server = new URL('.', document.baseURI).href.replace(/\/$/, '');
  return (
    <Empty icon="flask" title={isEmpty ? 'No experiments yet' : 'No runs yet'}>
      <p>An experiment holds runs of the same task. Log the first run from your code, and it appears here.</p>
      <CodeSnippets label="How to log a run" snippets={snippets(server)} />
      <Button icon="plus" onClick={onCreate}>
        Create an empty experiment
      </Button>
      {!isEmpty && (
        <p>
          Runs without an experiment of their own go to <Link href={paths.experiment('0')}>Default</Link>.
        </p>
      )}
    </Empty>
  );
}

function snippets(server: string) {
  return [
    {
      title: 'Python',
      code: `import mlflow

mlflow.set_tracking_uri("${server}")
mlflow.set_experiment("vision/resnet")

with mlflow.start_run():
    mlflow.log_param("lr", 0.01)
    mlflow.log_metric("loss", 0.25, step=1)`,
    },
    {
      title: 'Environment',
      code: `export MLFLOW_TRACKING_URI=${server}
export MLFLOW_EXPERIMENT_NAME=vision/resnet

python train.py   # with mlflow.autolog()`,
    },
    {
      title: 'curl',
      code: `curl -X POST ${server}/api/2.0/mlflow/experiments/create \\
  -H 'Content-Type: application/json' \\
  -d '{"name": "vision/resnet"}'`,
    },
  ];
}
