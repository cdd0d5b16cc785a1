import { expect, test } from 'vitest';
import { legacyHash } from './legacyHash';

const RUN = 'a2f659bd54ec43daa962301a16d14c0d';
const once = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const twice = (value: unknown) => encodeURIComponent(once(value));
const path = (...rest: string[]) => rest.map(encodeURIComponent).join('/');

test.each([
  // What the client prints.
  [`#/experiments/1/runs/${RUN}`, `/runs/${RUN}`],
  [`#/experiments/1/runs/${RUN}?workspace=team%20a`, `/runs/${RUN}`],
  ['#/experiments/1', '/experiments/1'],
  ['#/experiments/1?workspace=team%20a', '/experiments/1'],
  [`#/experiments/1/evaluation-runs?selectedRunUuid=${RUN}`, `/runs/${RUN}`],
  [`#/experiments/1/evaluation-runs/${RUN}/traces`, `/runs/${RUN}`],
  ['#/experiments/1/evaluation-runs', '/experiments/1'],
  ['#/experiments/1/overview', '/experiments/1'],
  // Lists and tabs.
  ['#/', '/'],
  ['#/experiments', '/'],
  ['#/experiments/1/', '/experiments/1'],
  ['#/experiments/1/s?orderByKey=x', '/experiments/1'],
  ['#/experiments/1/runs', '/experiments/1'],
  ['#/experiments/1/models', '/experiments/1/models'],
  ['#/experiments/1/models/m-0f1e', '/logged-models/m-0f1e'],
  ['#/experiments/1/models/m-0f1e/artifacts', '/logged-models/m-0f1e'],
  ['#/experiments/1/traces', '/experiments/1/traces'],
  ['#/experiments/1/traces/tr-9', '/traces/tr-9'],
  ['#/experiments/1/traces?selectedTraceId=tr-9', '/traces/tr-9'],
  ['#/experiments/1/traces?selectedEvaluationId=tr-9&compareRunsMode=TRACES', '/traces/tr-9'],
  ['#/experiments/1/chat-sessions/s1', '/experiments/1/traces'],
  ['#/experiments/1/prompts/greet', '/prompts/greet'],
  ['#/experiments/1/judges', '/experiments/1'],
  // A run and its tabs.
  [`#/runs/${RUN}`, `/runs/${RUN}`],
  [`#/experiments/1/runs/${RUN}/overview`, `/runs/${RUN}`],
  [`#/experiments/1/runs/${RUN}/model-metrics`, `/runs/${RUN}/charts`],
  [`#/experiments/1/runs/${RUN}/system-metrics`, `/runs/${RUN}/charts?m=%5Esystem%2F`],
  [`#/experiments/1/runs/${RUN}/traces`, `/runs/${RUN}/traces`],
  [`#/experiments/1/runs/${RUN}/artifacts`, `/runs/${RUN}/artifacts`],
  [`#/experiments/1/runs/${RUN}/artifacts/plots/a%20b%23.png`, `/runs/${RUN}/artifacts/plots/a%20b%23.png`],
  [`#/experiments/1/runs/${RUN}/artifactPath/model/MLmodel`, `/runs/${RUN}/artifacts/model/MLmodel`],
  // A metric; MLflow writes the key as JSON, and slashes of the path as they are.
  [
    `#/metric/val/loss?runs=["${RUN}","b"]&metric=${once('val/loss')}&experiments=["1"]&plot_metric_keys=${once(['val/loss'])}&x_axis=step`,
    `/metric?runs=${RUN}%2Cb&key=val%2Floss`,
  ],
  [`#/metric?runs=${twice([RUN])}&metric=${twice('l%ss')}`, `/metric?runs=${RUN}&key=l%25ss`],
  [`#/metric/loss?runs=${once([RUN])}`, `/metric?runs=${RUN}&key=loss`],
  // Comparisons.
  ['#/compare-runs?runs=["a","b"]&experiments=["1"]', '/compare?runs=a%2Cb'],
  [`#/compare-runs?runs=${once(['a', 'b'])}&experiments=${once(['1'])}`, '/compare?runs=a%2Cb'],
  [`#/compare-runs?runs=${twice(['a', 'b'])}`, '/compare?runs=a%2Cb'],
  [`#/compare-experiments/s?experiments=${once(['1', '2'])}`, '/runs?experiments=1%2C2'],
  [
    `#/compare-experiments/s?experiments=${twice(['1', '2'])}&searchFilter=metrics.loss%20%3C%201`,
    '/runs?experiments=1%2C2&q=metrics.loss+%3C+1',
  ],
  ['#/compare-experiments/s?experiments=[1]', '/experiments/1'],
  // Registry and prompts.
  ['#/models', '/models'],
  [`#/models/${path('team/res net')}`, '/models/team%2Fres%20net'],
  [`#/models/${encodeURIComponent(path('team/res net'))}`, '/models/team%2Fres%20net'],
  ['#/models/resnet/versions/3', '/models/resnet/versions/3'],
  [
    `#/compare-model-versions?name=${once(path('res net'))}&runs=${once({ a: '1', b: '2' })}`,
    '/models/res%20net/compare?versions=1%2C2',
  ],
  ['#/prompts', '/prompts'],
  ['#/prompts/greet', '/prompts/greet'],
  ['#/settings', '/settings'],
  ['#/admin/users/ada', '/admin/users/ada'],
  // The state of the runs table.
  [
    '#/experiments/1?searchFilter=params.a%20%3D%20%22b%22&orderByKey=metrics.%60val%2Floss%60&orderByAsc=true&startTime=LAST_7_DAYS&lifecycleFilter=Deleted',
    '/experiments/1?q=params.a+%3D+%22b%22&view=deleted&sort=-metric.val%2Floss&hours=168',
  ],
  [
    '#/experiments/1?searchFilter=&orderByKey=attributes.start_time&orderByAsc=false&startTime=ALL&lifecycleFilter=Active&modelVersionFilter=All%20Runs&datasetsFilter=W10%3D',
    '/experiments/1?sort=attribute.start_time',
  ],
  ['#/experiments/1?orderByKey=tags.%60mlflow.runName%60', '/experiments/1?sort=attribute.run_name'],
  ['#/experiments/1?compareRunsMode=TABLE', '/experiments/1'],
  ['#/experiments/1?compareRunsMode=CHART&startTime=LAST_HOUR', '/experiments/1/charts?hours=1'],
  ['#/experiments/1?compareRunsMode=ARTIFACT', '/experiments/1'],
  ['#/experiments/1?compareRunsMode=MODELS', '/experiments/1/models'],
  ['#/experiments/1?viewStateShareKey=3f9a', '/experiments/1?viewStateShareKey=3f9a'],
  // What means nothing.
  ['#/gateway/endpoints', null],
  ['#/compare-runs', null],
  ['#/constructor', null],
  ['#main', null],
  ['', null],
])('%s', (hash, expected) => {
  expect(legacyHash(hash)).toBe(expected);
});
