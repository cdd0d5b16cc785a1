import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { navigate } from 'wouter/use-browser-location';
import { type RunsState, runsSchema } from '../../../runs/runsState';
import { parseState } from '../../../url/codec';
import { useRunsState } from '../../../runs/useRunsState';
import type { Patch } from '../../../url/usePageState';
import { useDefaultView } from './useNamedViews';

let release: () => void;
let gate: Promise<void>;
let close: () => Promise<void>;
const shown: { q?: string; patch?: Patch<RunsState> } = {};

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  gate = new Promise((done) => (release = done));
  vi.stubGlobal('fetch', async (url: string) => {
    if (url.includes('experiments/get')) {
      return Response.json({ experiment: { tags: [{ key: 'oxflow.view.mine', value: '{}' }] } });
    }
    await gate;
    const view = { name: 'mine', state: { query: 'q=metrics.a+%3E+1' }, is_default: true, updated_time: 1 };
    return Response.json({ views: [view] });
  });
});

afterEach(async () => {
  await close();
  vi.unstubAllGlobals();
});

/** The page of an experiment, without its tabs. */
async function open(address: string) {
  history.replaceState(null, '', address);
  function Page({ tab }: { tab: string }) {
    const [state, patch] = useRunsState();
    Object.assign(shown, { q: state.q, patch });
    useDefaultView('1', tab);
    return null;
  }
  const root = createRoot(document.createElement('div'));
  const client = new QueryClient();
  const draw = (tab: string) =>
    act(() =>
      root.render(
        <QueryClientProvider client={client}>
          <Page tab={tab} />
        </QueryClientProvider>,
      ),
    );
  close = () => act(async () => root.unmount());
  await draw(address.endsWith('charts') ? 'charts' : 'runs');
  return draw;
}

const come = async () => {
  release();
  // Answers come, and what follows from them.
  for (let i = 0; i < 10; i += 1) await act(() => new Promise((done) => setTimeout(done)));
};

test.each(['/experiments/1', '/experiments/1/charts'])('%s has the default view', async (address) => {
  await open(address);
  await come();
  expect(shown.q).toBe('metrics.a > 1');
});

test('a filter that is typed while the views are on their way stays', async () => {
  await open('/experiments/1');
  await act(() => shown.patch?.({ q: 'typed' }));
  await come();
  expect(shown.q).toBe('typed');
});

test('who goes back to the start stays there, through all tabs', async () => {
  const draw = await open('/experiments/1');
  await come();
  await act(() => shown.patch?.(parseState(runsSchema, new URLSearchParams())));
  expect(shown.q).toBe('');
  await act(() => navigate('/experiments/1/charts'));
  await draw('charts');
  await act(() => navigate('/experiments/1'));
  await draw('runs');
  await come();
  expect(shown.q).toBe('');
});
