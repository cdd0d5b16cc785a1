import { expect, test } from 'vitest';
import { snippets } from './snippets';

test('snippets name this server and experiment', () => {
  for (const text of Object.values(snippets('http://host:5000/mlflow', '7'))) {
    expect(text).toContain('http://host:5000/mlflow');
    expect(text).toMatch(/["= ]7"?/);
  }
});
