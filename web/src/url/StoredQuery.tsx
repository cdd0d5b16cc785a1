import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useLocation } from 'wouter';
import { storedView, storeView } from '../api/own';
import { ErrorNote, Skeleton } from '../design/States';
import { rawPath, rawSearch, useRawSearch } from './raw';
import { isKnown, knowQuery, LONGEST, namesQuery, STORED, storedQuery } from './storedQuery';

/** Around all pages: reads what the address names, and stores a query that is too long for an address. */
export function StoredQuery({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation();
  const search = useRawSearch();
  const id = new URLSearchParams(search).get(STORED);
  const { data, error, refetch } = useQuery({
    queryKey: ['views', id],
    queryFn: ({ signal }) => storedView(id ?? '', signal),
    enabled: id !== null && !isKnown(id),
    staleTime: Infinity,
  });
  if (id !== null && data) knowQuery(id, storedQuery(data.state));

  useEffect(() => {
    if (search.length <= LONGEST || namesQuery(search)) return;
    const query = new URLSearchParams(search).toString();
    void storeView({ query })
      .then((answer) => {
        knowQuery(answer.id, query);
        // The reader may have gone on meanwhile.
        if (rawSearch() === search) navigate(`${rawPath()}?${STORED}=${answer.id}`, { replace: true });
      })
      // The long address works too.
      .catch(() => undefined);
  }, [search, navigate]);

  if (id === null || isKnown(id)) return children;
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  return <Skeleton />;
}
