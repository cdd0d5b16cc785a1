import { expect, test } from 'vitest';
import { imageAt, isImage, loggedImage, loggedSteps, unionOf } from './union';

const file = (path: string, is_dir = false) => ({ path, is_dir });
const whole = (...files: ReturnType<typeof file>[]) => ({ files, next: null, last: null });

test('a folder of several runs', () => {
  expect(
    unionOf([
      { runId: 'a', folder: whole(file('x/b10.txt'), file('x/model', true)) },
      { runId: 'b', folder: whole(file('x/b10.txt'), file('x/b2.txt'), file('x/model')) },
    ]),
  ).toEqual([
    { path: 'x/model', name: 'model', isDir: true, runs: ['a'] },
    { path: 'x/b2.txt', name: 'b2.txt', isDir: false, runs: ['b'] },
    { path: 'x/b10.txt', name: 'b10.txt', isDir: false, runs: ['a', 'b'] },
    { path: 'x/model', name: 'model', isDir: false, runs: ['b'] },
  ]);
});

test('what is not known of all runs is not listed', () => {
  const files = [file('f1'), file('f2')];
  const union = unionOf([
    { runId: 'a', folder: whole(...files, file('f3'), file('f4')) },
    // Of this one it is not known yet whether it has f3.
    { runId: 'b', folder: { files, next: 'token', last: file('f2') } },
    { runId: 'c', folder: { files: [file('f1'), file('f3')], next: 'token', last: file('f3') } },
    { runId: 'd', folder: undefined },
  ]);
  expect(union.map(({ name, runs }) => `${name}: ${runs.join(' ')}`)).toEqual(['f1: a b c', 'f2: a b']);
});

test('logged images, with either separator', () => {
  const path = 'images/val~sample+step+12+timestamp+1700+g123-4.png';
  expect(loggedImage(path)).toEqual({ key: 'val/sample', step: 12, timestamp: 1700, path });
  expect(loggedImage('images/a#b%step%0%timestamp%5%k-1.webp')).toMatchObject({ key: 'a/b', step: 0 });
  expect(loggedImage('images/a+step+0+timestamp+5+k-1+compressed.webp')).toBeNull();
  expect(loggedImage('images/sample_0.png')).toBeNull();
  expect(loggedImage('images/step+step+1+timestamp+5+k.png')).toMatchObject({ key: 'step', step: 1 });
});

test('the image at a step is the last up to it', () => {
  const image = (step: number, timestamp = 0) => ({
    key: 'k',
    step,
    timestamp,
    path: `${step}-${timestamp}`,
  });
  const images = [image(0), image(5, 2), image(5, 1), image(10), { ...image(7), key: 'other' }];
  expect(imageAt(images, 'k', 7)?.path).toBe('5-2');
  expect(imageAt(images, 'k', -1)).toBeNull();
  expect([...loggedSteps(images)]).toEqual([
    ['k', [0, 5, 10]],
    ['other', [7]],
  ]);
  expect(isImage('a/B.JPEG') && !isImage('png')).toBe(true);
});
