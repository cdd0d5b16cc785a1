// @vitest-environment node
// jsdom has no streams of blobs.

import { expect, test } from 'vitest';
import { legacyViewQuery } from './legacyView';

const VIEW = {
  searchFilter: "params.optimizer = 'adam'",
  orderByKey: 'metrics.`val/loss`',
  orderByAsc: true,
  lifecycleFilter: 'Active',
  startTime: 'LAST_7_DAYS',
  selectedColumns: [
    'attributes.`Created`',
    'attributes.`Nothing of ours`',
    'metrics.`val/loss`',
    'params.`lr`',
  ],
  runsPinned: ['a1'],
  runsExpanded: {},
};
const MEANT = {
  q: "params.optimizer = 'adam'",
  sort: '-metric.val/loss',
  hours: '168',
  cols: 'attribute.start_time,metric.val/loss,param.lr',
  pin: 'a1',
};
const shown = (query: string | null) => Object.fromEntries(new URLSearchParams(query ?? 'nothing='));

test('filter, order and columns of a shared view', async () => {
  expect(shown(await legacyViewQuery(JSON.stringify(VIEW)))).toEqual(MEANT);
});

test('a packed view', async () => {
  const stream = new Blob([JSON.stringify(VIEW)]).stream().pipeThrough(new CompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const packed = `deflate;${btoa(String.fromCharCode(...bytes))}`;
  expect(shown(await legacyViewQuery(packed))).toEqual(MEANT);
});

test('what cannot be read is nothing', async () => {
  expect(await legacyViewQuery('deflate;!!')).toBeNull();
  expect(await legacyViewQuery('deflate;AAAA')).toBeNull();
  expect(await legacyViewQuery('{')).toBeNull();
  expect(await legacyViewQuery('3')).toBeNull();
});
