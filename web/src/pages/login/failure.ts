import type { ApiError } from '../../api/http';

/** Why the login did not work; `left`: seconds until another attempt is answered. */
export function failureInWords(error: ApiError, left: number): string {
  const again = left > 0 ? `Try again in ${left} s.` : 'Try again.';
  switch (error.status) {
    case 0:
      return `The server does not answer. ${again}`;
    case 401:
      return 'The user name or the password is wrong.';
    case 429:
      return left > 0
        ? `Too many logins failed. Try again in ${left} s.`
        : 'Too many logins failed. You may try again now.';
    case 503:
      return `The server is checking too many logins at the moment. ${again}`;
    default:
      return error.message || `The server answered with status ${error.status}.`;
  }
}
