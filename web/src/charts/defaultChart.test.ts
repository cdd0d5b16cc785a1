import { expect, test } from 'vitest';
import { defaultChart } from './defaultChart';

const key = (name: string, differs = true, runs = 10) => ({ key: name, differs, runs });
const keys = {
  metrics: [key('epoch'), key('system/cpu'), key('train/loss'), key('val/loss'), key('val/same', false)],
  params: [key('seed'), key('lr'), key('dropout', false), key('optimizer')],
};

test('what differs and matters comes first', () => {
  expect(defaultChart('scatter', keys)).toMatchObject({ x: 'param.lr', y: 'metric.val/loss', color: null });
  expect(defaultChart('contour', keys)).toMatchObject({ x: 'param.lr', y: 'param.optimizer' });
  expect(defaultChart('parallel', keys)).toMatchObject({
    axes: ['param.lr', 'param.optimizer', 'param.seed', 'param.dropout', 'metric.val/loss'],
    color: 'metric.val/loss',
  });
});

test('without params two metrics, without anything nothing', () => {
  expect(defaultChart('scatter', { ...keys, params: [] })).toMatchObject({ x: 'metric.train/loss' });
  expect(defaultChart('box', { metrics: [], params: [] })).toMatchObject({ y: '', by: null });
});
