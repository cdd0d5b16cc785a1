import { expect, it } from 'vitest';
import { ApiError } from '../../api/http';
import { failureInWords } from './failure';

const told = (status: number, left = 0, message = '') =>
  failureInWords(new ApiError(status, '', message), left);

it('says why a login failed, and when to try again', () => {
  expect(told(401)).toBe('The user name or the password is wrong.');
  expect(told(429, 7)).toBe('Too many logins failed. Try again in 7 s.');
  expect(told(429)).toBe('Too many logins failed. You may try again now.');
  expect(told(503, 2)).toContain('Try again in 2 s.');
  expect(told(0)).toContain('does not answer');
  expect(told(400, 0, 'The user name has a colon.')).toBe('The user name has a colon.');
});
