import { expect, it } from 'vitest';
import { ApiError } from '../../api/http';
import { refusedField } from './refusedField';
import { expiryAt, usesOfToken } from './token';

it('a token ends after whole days, or never', () => {
  expect(expiryAt('30', 1_000)).toBe(30 * 86_400_000 + 1_000);
  expect(expiryAt('never', 1_000)).toBeNull();
});

it('lines for a shell hold any user name', () => {
  const [token, password] = usesOfToken('https://host/mlflow', "o'brien; rm", 'oxf_abc');
  expect(token?.code).toBe(
    'export MLFLOW_TRACKING_URI=https://host/mlflow\nexport MLFLOW_TRACKING_TOKEN=oxf_abc',
  );
  expect(password?.code).toContain(`MLFLOW_TRACKING_USERNAME='o'\\''brien; rm'\n`);
});

it('a refused password is told at its field', () => {
  const refused = (message: string) => refusedField(new ApiError(400, 'INVALID_PARAMETER_VALUE', message));
  expect(refused('The current password is wrong.')).toBe('current');
  expect(refused('`current_password` is missing')).toBe('current');
  expect(refused('The password is one of the common ones.')).toBe('next');
});
