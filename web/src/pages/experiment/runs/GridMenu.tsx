import { type MenuItem, MenuList } from '../../../design/Menu';
import { Popover } from '../../../design/Popover';

export interface OpenMenu {
  /** The cell that it belongs to. */
  anchorId: string;
  label: string;
  items: readonly MenuItem[];
}

/** The menu of a heading or a row. */
export function GridMenu({ anchorId, label, items, onClose }: OpenMenu & { onClose: () => void }) {
  return (
    <Popover anchorId={anchorId} onClose={onClose}>
      <MenuList label={label} items={items} onClose={onClose} />
    </Popover>
  );
}
