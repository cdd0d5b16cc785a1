import type { ExperimentSummary } from '../../api/types';
import { Dialog } from '../../design/Dialog';
import { NoteEditor } from '../../design/NoteEditor';
import { noteOf } from './tags';

interface Props {
  experiment: ExperimentSummary;
  onSave: (note: string) => Promise<unknown>;
  onClose: () => void;
}

export function NoteDialog({ experiment, onSave, onClose }: Props) {
  return (
    <Dialog title={`Note of ${experiment.name}`} width="wide" onClose={onClose}>
      <NoteEditor
        label="Note"
        text={noteOf(experiment)}
        onCancel={onClose}
        onSave={async (note) => {
          await onSave(note);
          onClose();
        }}
      />
    </Dialog>
  );
}
