import type { Experiment } from '../../api/mlflow';

export default function SettingsTab({ experiment }: { experiment: Experiment }) {
  return <p>{experiment.artifact_location}</p>;
}
