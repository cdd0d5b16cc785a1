import { copy } from '../../design/Values';
import { useSession } from '../../app/session';
import { IconButton } from '../../design/Button';
import { Menu } from '../../design/Menu';
import { toast } from '../../design/toasts';
import type { ExperimentRow } from './tree';

export type RowAction = 'rename' | 'note' | 'tags' | 'permissions' | 'delete' | 'restore' | 'purge';

interface Props {
  row: ExperimentRow;
  onAction: (action: RowAction, row: ExperimentRow) => void;
}

export function RowMenu({ row, onAction }: Props) {
  const { experiment } = row;
  const hasLogins = useSession()?.auth === 'basic';
  const act = (action: RowAction) => () => onAction(action, row);
  const isDeleted = experiment.lifecycle_stage === 'deleted';
  return (
    <Menu
      label={`Actions of ${experiment.name}`}
      button={(props) => (
        <IconButton {...props} tabIndex={-1} icon="dots" label={`Actions of ${experiment.name}`} />
      )}
      items={[
        ...(isDeleted
          ? [{ label: 'Restore', icon: 'restore' as const, onSelect: act('restore') }]
          : [
              { label: 'Rename…', icon: 'edit' as const, onSelect: act('rename') },
              { label: 'Note…', icon: 'file' as const, onSelect: act('note') },
              { label: 'Tags…', icon: 'tag' as const, onSelect: act('tags') },
            ]),
        ...(hasLogins
          ? [{ label: 'Permissions…', icon: 'shield' as const, onSelect: act('permissions') }]
          : []),
        {
          label: 'Copy id',
          icon: 'copy',
          onSelect: () => {
            void copy(experiment.experiment_id).then(() => toast(`Id ${experiment.experiment_id} copied`));
          },
        },
        ...(isDeleted
          ? [
              {
                label: 'Delete for good…',
                icon: 'trash' as const,
                isDangerous: true,
                startsGroup: true,
                onSelect: act('purge'),
              },
            ]
          : [
              {
                label: 'Delete',
                icon: 'trash' as const,
                isDangerous: true,
                startsGroup: true,
                onSelect: act('delete'),
              },
            ]),
      ]}
    />
  );
}
