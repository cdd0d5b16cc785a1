import { expect, it } from 'vitest';
import { profileEntries, sourceText } from './dataset';

it('takes anything', () => {
  expect(profileEntries('{"num_rows": 3, "shape": [1]}')).toEqual([
    ['num rows', '3'],
    ['shape', '[1]'],
  ]);
  expect(profileEntries(undefined)).toEqual([]);
  expect(sourceText('{"uri": "s3://a"}')).toBe('s3://a');
  expect(sourceText('{"tags": {}}')).toBe('');
  expect(sourceText('/data')).toBe('/data');
});
