import type { NamedView } from '../../../api/types';
import { Button, IconButton } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { Time } from '../../../design/Values';
import styles from './Views.module.css';

interface Props {
  views: readonly NamedView[];
  onClose: () => void;
  onDefault: (view: NamedView) => void;
  onDelete: (view: NamedView) => void;
}

export function ManageViewsDialog({ views, onClose, onDefault, onDelete }: Props) {
  return (
    <Dialog title="Views of this experiment" onClose={onClose}>
      <ul className={styles.views}>
        {views.map((view) => (
          <li key={view.name}>
            <span className={styles.name}>{view.name}</span>
            <span className={styles.time}>
              <Time at={view.updated_time} />
            </span>
            <Button kind="quiet" aria-pressed={view.is_default} onClick={() => onDefault(view)}>
              {view.is_default ? 'Default' : 'Make default'}
            </Button>
            <IconButton icon="trash" label={`Delete the view ${view.name}`} onClick={() => onDelete(view)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
