import { useState } from 'react';
import { setAdmin, type User } from '../../api/permissions';
import { useSession } from '../../app/session';
import { IconButton } from '../../design/Button';
import { Menu } from '../../design/Menu';
import { useAct } from '../../permissions/useAccounts';
import { DeleteUser, ResetPassword } from './UserDialogs';

interface Props {
  user: User;
  /** After the user is gone. */
  onDeleted?: () => void;
}

/** What an administrator can do with an account. */
export function UserMenu({ user, onDeleted }: Props) {
  const act = useAct();
  const [opened, setOpened] = useState<'password' | 'delete' | null>(null);
  const isSelf = useSession()?.user?.username === user.username;
  const close = () => setOpened(null);
  const { username, is_admin: isAdmin } = user;
  return (
    <>
      <Menu
        label={`Actions of ${username}`}
        button={(props) => <IconButton {...props} icon="dots" label={`Actions of ${username}`} />}
        items={[
          {
            label: 'Reset the password…',
            icon: 'edit',
            isDisabled: isSelf,
            onSelect: () => setOpened('password'),
          },
          isAdmin
            ? {
                label: 'No longer an administrator',
                icon: 'shield',
                // Who takes it from himself could not give it back.
                isDisabled: isSelf,
                onSelect: () =>
                  void act(() => setAdmin(username, false), `${username} is no administrator any more`),
              }
            : {
                label: 'Make an administrator',
                icon: 'shield',
                onSelect: () => void act(() => setAdmin(username, true), `${username} is an administrator`),
              },
          {
            label: 'Delete…',
            icon: 'trash',
            isDangerous: true,
            startsGroup: true,
            isDisabled: isSelf,
            onSelect: () => setOpened('delete'),
          },
        ]}
      />
      {opened === 'password' && <ResetPassword username={username} onClose={close} />}
      {opened === 'delete' && (
        <DeleteUser username={username} onClose={close} {...(onDeleted && { onDeleted })} />
      )}
    </>
  );
}
