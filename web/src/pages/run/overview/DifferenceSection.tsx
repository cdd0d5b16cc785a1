import { useState } from 'react';
import { Link } from 'wouter';
import type { Run } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { Button, IconButton } from '../../../design/Button';
import { ErrorNote } from '../../../design/States';
import { Num } from '../../../design/Values';
import { shortNumber } from '../../../format/number';
import { text } from '../../../url/codec';
import { usePageState } from '../../../url/usePageState';
import { metricDifferences, paramDifferences } from '../difference';
import { runFacts } from '../runFacts';
import { RunPicker } from '../RunPicker';
import { useRun } from '../useRun';
import styles from './DifferenceSection.module.css';
import { Nothing, Section } from './Section';

/** `with`: the run to compare to; without, the parent. */
const schema = { with: text };
/** So many rows; the comparison of both has all. */
const MOST = 10;

/** What is different in this run: to its parent, or to a run that was chosen. */
export function DifferenceSection({ run }: { run: Run }) {
  const [state, setState] = usePageState(schema);
  const [isPicking, setPicking] = useState(false);
  const otherId = state.with || runFacts(run).parentId;
  const { data: other, error } = useRun(otherId);
  const picker = isPicking && (
    <RunPicker
      title="Difference to"
      experimentId={run.info.experiment_id}
      without={run.info.run_id}
      onClose={() => setPicking(false)}
      onPick={(id) => setState({ with: id })}
    />
  );
  if (!otherId) {
    return (
      <Section
        title="Difference"
        tools={
          <Button kind="quiet" icon="compare" onClick={() => setPicking(true)}>
            To another run
          </Button>
        }
      >
        {picker}
      </Section>
    );
  }
  return (
    <Section
      title={state.with ? 'Difference to' : 'Difference to the parent'}
      tools={
        <>
          <Link href={paths.run(otherId)} className={styles.other}>
            {(other && runFacts(other).name) || otherId.slice(0, 8)}
          </Link>
          <IconButton icon="edit" label="Choose another run" onClick={() => setPicking(true)} />
          {state.with && (
            <IconButton
              icon="close"
              label="No difference to this run"
              onClick={() => setState({ with: '' })}
            />
          )}
        </>
      }
    >
      {error && <ErrorNote error={error} />}
      {other && <Rows here={run} there={other} />}
      {picker}
    </Section>
  );
}

function Rows({ here, there }: { here: Run; there: Run }) {
  const metrics = metricDifferences(here, there);
  const params = paramDifferences(here, there);
  const shownMetrics = metrics.filter(({ key }) => !key.startsWith('system/')).slice(0, MOST);
  const shownParams = params.slice(0, MOST);
  const rest = metrics.length + params.length - shownMetrics.length - shownParams.length;
  if (metrics.length + params.length === 0) return <Nothing>Same params, same metrics.</Nothing>;
  return (
    <>
      <table className={styles.table}>
        <thead className="unseen">
          <tr>
            <th scope="col">Key</th>
            <th scope="col">There</th>
            <th scope="col">Here</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {shownMetrics.map((one) => (
            <tr key={`metric ${one.key}`}>
              <th scope="row" title={one.key}>
                {one.key}
              </th>
              <td className="number">{one.there === null ? '–' : <Num value={one.there} />}</td>
              <td className="number">{one.here === null ? '–' : <Num value={one.here} />}</td>
              <td className="number" title={one.delta === null ? '' : String(one.delta)}>
                {one.percent !== null && `${one.percent > 0 ? '+' : ''}${shortNumber(round(one.percent))} %`}
              </td>
            </tr>
          ))}
          {shownParams.map((one) => (
            <tr key={`param ${one.key}`}>
              <th scope="row" title={one.key}>
                {one.key}
              </th>
              <td title={one.there ?? ''}>{one.there ?? '–'}</td>
              <td title={one.here ?? ''}>{one.here ?? '–'}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.rest}>
        <Link href={paths.compare([here.info.run_id, there.info.run_id])}>
          {rest > 0 ? `${rest} more in the comparison` : 'Compare both'}
        </Link>
      </p>
    </>
  );
}

const round = (percent: number) =>
  Math.abs(percent) >= 100 ? Math.round(percent) : Math.round(percent * 10) / 10;
