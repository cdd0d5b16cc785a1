import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/http';

/** What the server said is kept while the reader moves between pages, and asked again in the background. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 5 * 60_000,
      // A refusal stays one; a server that is away comes back.
      retry: (failures, error) => error instanceof ApiError && error.isTemporary && failures < 3,
      retryDelay: (failures) => Math.min(1000 * 2 ** failures, 15_000),
      refetchOnWindowFocus: true,
      // Our server is often on this machine, without any network.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
