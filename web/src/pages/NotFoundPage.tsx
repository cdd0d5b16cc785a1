import { useLocation } from 'wouter';
import { useBreadcrumb } from '../app/breadcrumb';
import { Empty } from '../design/States';

export function NotFoundPage() {
  const [path] = useLocation();
  useBreadcrumb([{ label: 'Not found' }]);
  return (
    <Empty icon="search" title="There is no such page">
      <p>
        Nothing is at <code>{path}</code>.
      </p>
    </Empty>
  );
}
