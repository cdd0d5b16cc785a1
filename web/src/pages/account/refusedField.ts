import { ApiError } from '../../api/http';

export type PasswordField = 'current' | 'next';

/** Which field a refused change of the password is about: the server says it in its message. */
export function refusedField(error: unknown): PasswordField {
  const isOfCurrent = error instanceof ApiError && /current[ _]password/i.test(error.message);
  return isOfCurrent ? 'current' : 'next';
}
