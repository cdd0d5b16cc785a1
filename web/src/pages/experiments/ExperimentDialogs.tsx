import { lazy, Suspense } from 'react';
import { useLocation } from 'wouter';
import { createExperiment } from '../../api/mlflow';
import type { ExperimentSummary } from '../../api/types';
import { paths } from '../../app/paths';
import type { ExperimentActions } from './actions';
import { NameDialog } from './NameDialog';
import { NoteDialog } from './NoteDialog';
import { TagsDialog } from './TagsDialog';

const PermissionsDialog = lazy(() => import('../../permissions/PermissionsDialog'));
const PurgeExperiments = lazy(() => import('../../trash/PurgeExperiments'));

/** Which dialog is open, for which experiments by id: what they say may change meanwhile. */
export type Opened =
  | { dialog: 'create'; folder: string }
  | { dialog: 'rename' | 'note' | 'tags' | 'permissions' | 'purge'; ids: readonly string[] }
  | null;

interface Props {
  opened: Opened;
  experiments: readonly ExperimentSummary[];
  actions: ExperimentActions;
  onClose: () => void;
}

export default function ExperimentDialogs({ opened, experiments, actions, onClose }: Props) {
  const [, navigate] = useLocation();
  if (opened === null) return null;
  if (opened.dialog === 'create') {
    return (
      <NameDialog
        title="New experiment"
        action="Create"
        name={opened.folder}
        withLocation
        onDone={async (name, location) => {
          const id = await createExperiment(name, location);
          void actions.changed();
          navigate(paths.experiment(id));
        }}
        onClose={onClose}
      />
    );
  }
  const meant = experiments.filter((one) => opened.ids.includes(one.experiment_id));
  const [only] = meant;
  if (!only) return null;
  switch (opened.dialog) {
    case 'rename':
      return (
        <NameDialog
          title="Rename experiment"
          action="Rename"
          name={only.name}
          onDone={(name) => actions.rename(only, name)}
          onClose={onClose}
        />
      );
    case 'note':
      return (
        <NoteDialog experiment={only} onSave={(note) => actions.setNote(only, note)} onClose={onClose} />
      );
    case 'permissions':
      return (
        <Suspense>
          <PermissionsDialog
            resource={{ type: 'experiment', id: only.experiment_id }}
            name={only.name}
            onClose={onClose}
          />
        </Suspense>
      );
    case 'purge':
      return (
        <Suspense>
          <PurgeExperiments experiments={meant} onClose={onClose} />
        </Suspense>
      );
    case 'tags':
      return (
        <TagsDialog
          experiments={meant}
          onSet={(key, value) =>
            meant.length === 1 ? actions.setOneTag(only, key, value) : actions.setTag(meant, key, value)
          }
          onDelete={(key) => actions.deleteOneTag(only, key)}
          onClose={onClose}
        />
      );
  }
}
