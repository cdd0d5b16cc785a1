import { expect, it } from 'vitest';
import { modelFolder, modelPath } from './modelPaths';

it('tells files of models from those of runs', () => {
  expect(modelPath('models:/m-1/a/b.txt')).toEqual({ modelId: 'm-1', path: 'a/b.txt' });
  expect(modelPath(modelFolder('m-1'))).toEqual({ modelId: 'm-1', path: '' });
  expect(modelPath('models:')).toBeNull();
  expect(modelPath('models/m-1/x')).toBeNull();
});
