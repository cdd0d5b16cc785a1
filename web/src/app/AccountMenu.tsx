import { Button } from '../design/Button';
import { Menu } from '../design/Menu';
import { inWords } from '../design/States';
import { toast } from '../design/toasts';
import styles from './TopBar.module.css';
import { paths } from './paths';
import { signOut, useSession } from './session';

/** Who is logged in, where servers ask for that. */
export function AccountMenu({ onGo }: { onGo: (path: string) => void }) {
  const user = useSession()?.user;
  if (!user) return null;
  const leave = () =>
    signOut().catch((error: unknown) => {
      const { title, detail } = inWords(error);
      toast(`You are still logged in. ${detail || title}`, { kind: 'failed' });
    });
  return (
    <Menu
      label={`Account of ${user.username}`}
      button={(props) => (
        <Button
          {...props}
          kind="quiet"
          icon="user"
          className={styles.account ?? ''}
          aria-label={`Account of ${user.username}`}
          title={user.username}
        >
          <span>{user.username}</span>
        </Button>
      )}
      items={[
        { label: 'Account', icon: 'user', onSelect: () => onGo(paths.account()) },
        { label: 'Sign out', icon: 'signOut', startsGroup: true, onSelect: () => void leave() },
      ]}
    />
  );
}
