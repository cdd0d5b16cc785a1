import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';
import { boardSchema } from '../boardState';
import { CursorLink } from '../line/link';
import { parseState } from '../../url/codec';
import { rawSeries } from '../series/data';
import { ChartCard } from './ChartCard';
import { HighlightStore } from './highlight';

const prepared = vi.hoisted(() => ({ count: 0 }));
vi.mock('../line/prepare', async (original) => {
  const real = await original<{ prepareLines: (options: unknown) => unknown }>();
  return {
    ...real,
    prepareLines: (options: unknown) => {
      prepared.count += 1;
      return real.prepareLines(options);
    },
  };
});

test('a card that is drawn again prepares its lines once', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const run = { id: 'a', name: 'a', color: '#000', isRunning: false };
  const state = parseState(boardSchema, new URLSearchParams());
  const settings = {
    runs: [run],
    shown: [run],
    groups: null,
    state,
    hasPatterns: false,
    link: new CursorLink('step'),
    highlight: new HighlightStore(),
    onZoom: () => undefined,
  };
  const client = new QueryClient();
  const head = { run: 'a', key: 'loss', total: 1, in_range: 1, raw: true, nan: 0, inf: 0, length: 1 };
  client.setQueryData(
    ['series', { runs: ['a'], keys: ['loss'], x: 'step', from: null, to: null, width: 512 }],
    [rawSeries(head, Float64Array.of(1), Float64Array.of(2))],
  );
  const search = { text: '', ranges: () => [] } as never;
  const root = createRoot(document.createElement('div'));
  const draw = (height: number) =>
    act(async () =>
      root.render(
        <QueryClientProvider client={client}>
          <ChartCard
            metric="loss"
            settings={settings}
            search={search}
            width={400}
            height={height}
            moves={{ move: () => undefined, drop: () => undefined }}
            onFull={() => undefined}
          />
        </QueryClientProvider>,
      ),
    );
  await draw(300);
  const before = prepared.count;
  expect(before).toBeGreaterThan(0);
  await draw(301);
  expect(prepared.count).toBe(before);
  await act(async () => root.unmount());
});
