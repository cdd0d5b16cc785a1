import { expect, test } from 'vitest';
import type { ExperimentSummary } from '../../api/types';
import { countTags, firstLine, hasTag, ownTags } from './tags';

const experiment = (tags: Record<string, string>) => ({ tags }) as ExperimentSummary;

test.each([
  ['# Title\nmore', 'Title'],
  ['\n\n---\n- **bold** and `code`', 'bold and code'],
  ['[link](https://example.org) ![x](y.png)', 'link x'],
  ['3. third', 'third'],
  ['', ''],
  ['***', ''],
])('%j begins with %j', (note, line) => {
  expect(firstLine(note)).toBe(line);
});

test('tags of programs are not shown', () => {
  const one = experiment({ team: 'a', 'mlflow.note.content': 'x', 'oxflow.view.a': '{}', area: 'b' });
  expect(ownTags(one)).toEqual([
    ['area', 'b'],
    ['team', 'a'],
  ]);
  expect(countTags([one, experiment({ team: 'a' })])).toEqual([
    { tag: 'team=a', count: 2 },
    { tag: 'area=b', count: 1 },
  ]);
});

test('a filter names a key, or a key with its value', () => {
  const one = experiment({ team: 'a', 'x=y': 'z' });
  expect(['team', 'team=a', 'x=y=z', 'team=b', 'tea'].map((tag) => hasTag(one, tag))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
