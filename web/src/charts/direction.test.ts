import { expect, test } from 'vitest';
import { directionOf } from './direction';

test.each([
  ['loss', 'down'],
  ['train/loss', 'down'],
  ['val_loss', 'down'],
  ['valLoss', 'down'],
  ['mean_absolute_error', 'down'],
  ['log_loss', 'down'],
  ['accuracy', 'up'],
  ['val/accuracy', 'up'],
  ['roc_auc', 'up'],
  ['f1_score', 'up'],
  ['f1', 'up'],
  ['lr', null],
  ['epoch', null],
  ['system/cpu_time', null],
  ['glossary', null],
])('%s is better %s', (key, direction) => {
  expect(directionOf(key)).toBe(direction);
});
