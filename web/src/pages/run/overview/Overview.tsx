import type { Run } from '../../../api/mlflow';
import { runColor } from '../../../runs/colors';
import { tagsOf } from '../runFacts';
import { ChildrenSummary } from './ChildrenSummary';
import { Datasets } from './Datasets';
import { DifferenceSection } from './DifferenceSection';
import { Metrics } from './Metrics';
import { Models } from './Models';
import { NoteSection } from './NoteSection';
import styles from './Overview.module.css';
import { Params } from './Params';
import { SystemSection } from './SystemSection';
import { Tags } from './Tags';

/** Everything about a run but its charts and files. */
export default function Overview({ run }: { run: Run }) {
  const color = runColor(run.info.run_id, tagsOf(run).get('oxflow.color'));
  return (
    <div className={styles.overview}>
      <div className={styles.column}>
        <Metrics run={run} color={color} />
        <Params params={run.data.params ?? []} />
      </div>
      <div className={styles.column}>
        <NoteSection run={run} />
        <DifferenceSection run={run} />
        <Tags run={run} />
        <Datasets inputs={run.inputs?.dataset_inputs ?? []} />
        <Models run={run} />
        <ChildrenSummary run={run} />
        <SystemSection run={run} />
      </div>
    </div>
  );
}
