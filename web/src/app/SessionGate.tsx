import { type ReactNode, useEffect, useRef } from 'react';
import { queryClient } from './queryClient';
import { goToLogin, needsLogin, useSession } from './session';

/** Around all pages but the login: who must log in sees none of them. Until it is known they ask for what they show. */
export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const isLocked = needsLogin(session);
  useEffect(() => {
    if (isLocked) goToLogin();
  }, [isLocked]);
  const id = session?.user?.id;
  const before = useRef(id);
  useEffect(() => {
    // Somebody else logged in, in another tab.
    if (before.current !== undefined && before.current !== id) void queryClient.invalidateQueries();
    before.current = id;
  }, [id]);
  return isLocked ? null : children;
}
