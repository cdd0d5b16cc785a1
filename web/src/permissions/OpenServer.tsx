import { Empty } from '../design/States';

const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

/** In place of everything about accounts, on a server that has none. */
export function OpenServer() {
  const { hostname } = location;
  return (
    <Empty icon="shield" title="This server runs without authentication">
      <p>
        It knows no users: whoever reaches it may read and change everything. A server that is started with{' '}
        <code>--app-name basic-auth</code> has accounts, roles and permissions.
      </p>
      {!LOOPBACK.test(hostname) && (
        <p role="note">
          You reach it as <code>{hostname}</code>, so others can too.
        </p>
      )}
    </Empty>
  );
}
