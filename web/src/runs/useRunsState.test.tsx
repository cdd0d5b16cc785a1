import { QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import { queryClient } from '../app/queryClient';
import type { Patch } from '../url/usePageState';
import type { RunsState } from './runsState';
import { useRunsState } from './useRunsState';

/** A page with the state of the address. */
async function page(address: string) {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  history.replaceState(null, '', address);
  const shown: { q?: string; patch?: Patch<RunsState> } = {};
  function Page() {
    const [state, patch] = useRunsState();
    Object.assign(shown, { q: state.q, patch });
    return null;
  }
  const root = createRoot(document.createElement('div'));
  await act(() =>
    root.render(
      <QueryClientProvider client={queryClient}>
        <Page />
      </QueryClientProvider>,
    ),
  );
  return { shown, close: () => act(() => root.unmount()) };
}

test.each([
  "params.optimizer LIKE '%adam%'",
  "tags.x = '%25'",
  "tags.x = 'a%7Cb' OR tags.y = '100%'",
  'é + &',
])('the filter %s is read as it was written', async (q) => {
  const query = new URLSearchParams({ q }).toString();
  const { shown, close } = await page(`/experiments/1?${query}`);
  expect(shown.q).toBe(q);
  await act(() => shown.patch?.({ search: 'w' }));
  expect(shown.q).toBe(q);
  expect(new URLSearchParams(location.search).get('q')).toBe(q);
  await close();
});
