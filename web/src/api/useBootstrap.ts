import { useQuery } from '@tanstack/react-query';
import { bootstrap } from './own';

/** What the server is and who asks: read once. */
export function useBootstrap() {
  return useQuery({
    queryKey: ['bootstrap'],
    queryFn: ({ signal }) => bootstrap(signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}
