import { useStored } from '../../../app/stored';
import { IconButton } from '../../../design/Button';
import { Menu } from '../../../design/Menu';
import { historyStore } from './history';

/** The last filters. */
export function HistoryMenu({ onChoose }: { onChoose: (filter: string) => void }) {
  const filters = useStored(historyStore);
  return (
    <Menu
      label="Last filters"
      button={(props) => (
        <IconButton {...props} icon="restore" label="Last filters" disabled={filters.length === 0} />
      )}
      items={filters.map((filter) => ({
        label: filter.length > 90 ? `${filter.slice(0, 90)}…` : filter,
        onSelect: () => onChoose(filter),
      }))}
    />
  );
}
