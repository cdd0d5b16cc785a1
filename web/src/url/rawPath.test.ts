import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paths } from '../app/paths';
import { artifactPathOf } from './rawPath';

describe('artifactPathOf', () => {
  it('finds the path below any prefix', () => {
    expect(artifactPathOf('/mlflow/runs/1/artifacts/a/b.png')).toBe('a/b.png');
    expect(artifactPathOf('/runs/1/artifacts')).toBe('');
    expect(artifactPathOf('/runs/1/artifacts/')).toBe('');
  });

  it('takes a stray percent sign as it is', () => {
    expect(artifactPathOf('/runs/1/artifacts/100%.txt')).toBe('100%.txt');
  });

  it('reads back what the link says, whatever the names', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('/'));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const path = names.join('/');
        fc.pre(names.every((one) => one !== '.' && one !== '..'));
        expect(artifactPathOf(paths.artifact('id', path))).toBe(path);
      }),
    );
    for (const path of ['100% of #1?.txt', '%2F..%2Fx', 'a%23b/c#d', '"🎉"']) {
      expect(artifactPathOf(new URL(paths.artifact('id', path), 'http://h/').pathname)).toBe(path);
    }
  });
});
