import { expect, it } from 'vitest';
import { isTyped } from './typed';

it('takes the name, and nothing less', () => {
  expect(isTyped('vision/resnet', 'vision/resnet')).toBe(true);
  expect(isTyped(' vision/resnet ', 'vision/resnet')).toBe(true);
  for (const other of ['', 'vision', 'Vision/resnet', 'vision/resnet2', 'visionresnet'])
    expect(isTyped(other, 'vision/resnet')).toBe(false);
});

it('takes what can be typed of a name that cannot', () => {
  expect(isTyped('two spaces', 'two  spaces')).toBe(true);
  expect(isTyped('a line', 'a\nline')).toBe(true);
  // The letter, and the letter with its mark beside it.
  expect(isTyped('caf\u00e9', 'cafe\u0301')).toBe(true);
});
