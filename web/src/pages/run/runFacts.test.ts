import { describe, expect, it } from 'vitest';
import type { Run } from '../../api/mlflow';
import { commitPage, isSystemTag, repositoryPage, runFacts } from './runFacts';

const run = (tags: Record<string, string>): Run => ({
  info: {
    run_id: '1',
    run_name: '',
    experiment_id: '0',
    status: 'FINISHED',
    artifact_uri: '',
    lifecycle_stage: 'active',
  },
  data: { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) },
});

describe('runFacts', () => {
  it('reads the tags of the client', () => {
    const facts = runFacts(
      run({ 'mlflow.runName': 'a', 'mlflow.user': 'ada', 'mlflow.source.git.dirty': 'True' }),
    );
    expect(facts).toMatchObject({ name: 'a', user: 'ada', isDirty: true, commit: null, note: '' });
  });

  it('says nothing for a run without tags', () => {
    expect(runFacts({ ...run({}), data: {} })).toMatchObject({ name: '', user: null, isDirty: false });
  });
});

describe('repositoryPage', () => {
  it.each([
    ['https://example.org/a/b.git', 'https://example.org/a/b'],
    ['https://name:secret@example.org/a/b', 'https://example.org/a/b'],
    ['git@example.org:a/b.git', 'https://example.org/a/b'],
    ['ssh://git@example.org/a/b', 'https://example.org/a/b'],
    ['javascript:alert(1)', null],
    ['/home/ada/repo', null],
  ])('%s', (repository, page) => expect(repositoryPage(repository)).toBe(page));

  it('leads to the commit', () => {
    expect(commitPage('git@h:a/b', 'ab/../c')).toBe('https://h/a/b/commit/ab%2F..%2Fc');
    expect(commitPage(null, 'ab')).toBeNull();
  });
});

it('knows system tags', () => {
  expect(isSystemTag({ key: 'mlflow.user', value: '' })).toBe(true);
  expect(isSystemTag({ key: 'mlflow_x', value: '' })).toBe(false);
});
