import { expect, test } from 'vitest';
import { type Found, matching, searchedExperiments } from './found';

const item = (label: string, words?: string): Found => ({
  id: label,
  label,
  icon: 'flask',
  run: () => undefined,
  ...(words && { words }),
});

const labels = (items: readonly Found[], text: string, limit = 10) =>
  matching(items, text, limit).map((one) => one.label);

test('each word must be somewhere', () => {
  const all = [item('vision/resnet'), item('nlp/resnet'), item('nlp/t5')];
  expect(labels(all, 'res NLP')).toEqual(['nlp/resnet']);
  expect(labels(all, '')).toHaveLength(3);
  expect(labels(all, 'bert')).toEqual([]);
});

test('the beginning of the name counts most, then that of a word', () => {
  const all = [item('aconv'), item('vision/conv'), item('conv nets')];
  expect(labels(all, 'conv')).toEqual(['conv nets', 'vision/conv', 'aconv']);
});

test('other words find it too', () => {
  expect(labels([item('Theme: dark', 'night colours')], 'night')).toEqual(['Theme: dark']);
});

test('no more than asked for', () => {
  expect(labels([item('a1'), item('a2'), item('a3')], 'a', 2)).toEqual(['a1', 'a2']);
});

test('no more experiments are searched than the server takes: the ones with the latest activity', () => {
  const known = Array.from({ length: 10_500 }, (_, i) => ({ experiment_id: String(i), last_activity: i }));
  const searched = searchedExperiments(known);
  expect(searched).toHaveLength(10_000);
  expect(searched[0]).toBe('10499');
  expect(searched.at(-1)).toBe('500');
});
