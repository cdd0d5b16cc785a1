/** What the pages know of API tokens. */

export type Expiry = '30' | '90' | '365' | 'never';

export const EXPIRIES: readonly { value: Expiry; label: string }[] = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: 'never', label: 'never' },
];

const DAY_MS = 86_400_000;

/** When a token that is made now ends, in ms since 1970. */
export const expiryAt = (expiry: Expiry, now: number) =>
  expiry === 'never' ? null : now + Number(expiry) * DAY_MS;

/** How MLflow's client uses a token. */
export function usesOfToken(server: string, username: string, secret: string) {
  const uri = `export MLFLOW_TRACKING_URI=${quoted(server)}`;
  return [
    { title: 'Token', code: `${uri}\nexport MLFLOW_TRACKING_TOKEN=${secret}` },
    {
      title: 'Name and password',
      code: `${uri}\nexport MLFLOW_TRACKING_USERNAME=${quoted(username)}\nexport MLFLOW_TRACKING_PASSWORD=${secret}`,
    },
  ];
}

/** A word of a shell: names may have anything in them but `:`. */
const quoted = (text: string) => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
