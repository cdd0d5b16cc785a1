import { useLocation } from 'wouter';
import { Empty } from '../design/States';

export function NotFoundPage() {
  const [path] = useLocation();
  return (
    <Empty icon="search" title="There is no such page">
      <p>
        Nothing is at <code>{path}</code>.
      </p>
    </Empty>
  );
}
