import type { Run } from '../../../api/mlflow';
import { Empty } from '../../../design/States';

export default function ArtifactsTab({ run }: { run: Run }) {
  return <Empty icon="folder" title={`The artifacts of ${run.info.run_name} are not here yet`} />;
}
