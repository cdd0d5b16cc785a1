import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ApiError } from '../../api/http';
import { logIn } from '../../api/session';
import { useBreadcrumb } from '../../app/breadcrumb';
import { Logo } from '../../app/Logo';
import { ownPath } from '../../app/next';
import { paths } from '../../app/paths';
import { setSession, signOut, useSession } from '../../app/session';
import { Button, IconButton } from '../../design/Button';
import { TextField } from '../../design/Field';
import { Toasts } from '../../design/toasts';
import { useRawSearch } from '../../url/raw';
import { failureInWords } from './failure';
import styles from './LoginPage.module.css';

/** The way in, and back to where the reader wanted to be. */
export default function LoginPage() {
  useBreadcrumb([{ label: 'Log in' }]);
  const session = useSession();
  const next = ownPath(new URLSearchParams(useRawSearch()).get('next'));
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <p className={styles.brand}>
          <Logo />
          <span>Oxflow</span>
        </p>
        {session?.auth === 'none' ? (
          <OpenServer next={next} />
        ) : session?.user ? (
          <LoggedIn name={session.user.username} next={next} />
        ) : (
          <LoginForm next={next} />
        )}
      </div>
      <Toasts />
    </main>
  );
}

function OpenServer({ next }: { next: string }) {
  return (
    <>
      <h1>No login is needed</h1>
      <p className={styles.note}>
        This server runs without authentication: whoever reaches it may do everything.
      </p>
      <Link href={next}>Go on</Link>
    </>
  );
}

function LoggedIn({ name, next }: { name: string; next: string }) {
  return (
    <>
      <h1>You are logged in</h1>
      <p className={styles.note}>as {name}.</p>
      <div className={styles.choices}>
        <Link href={next}>{next === paths.experiments() ? 'Go to the experiments' : 'Go on'}</Link>
        <Button icon="signOut" onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
    </>
  );
}

function LoginForm({ next }: { next: string }) {
  const [, navigate] = useLocation();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const left = useCountdown(failure);
  const field = useRef<HTMLInputElement>(null);

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (isBusy || left > 0) return;
    setBusy(true);
    setFailure(null);
    try {
      setSession(await logIn(username.trim(), password));
      navigate(next, { replace: true });
    } catch (error) {
      setBusy(false);
      setFailure(error instanceof ApiError ? error : new ApiError(0, '', String(error)));
      // What to correct is the password, mostly.
      field.current?.select();
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <h1>Log in</h1>
      <TextField
        autoFocus
        required
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        maxLength={255}
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <div className={styles.secret}>
        <TextField
          ref={field}
          required
          label="Password"
          name="password"
          type={isShown ? 'text' : 'password'}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <IconButton
          icon={isShown ? 'eyeOff' : 'eye'}
          label={isShown ? 'Hide the password' : 'Show the password'}
          onClick={() => setShown(!isShown)}
        />
      </div>
      {/* It keeps its room: what is below stays where it is. */}
      <div role="alert" className={styles.failure}>
        {failure &&
          (left > 0 ? (
            // Read out once, not with every second.
            <>
              <p className="unseen">{failureInWords(failure, failure.retryAfter ?? 0)}</p>
              <p aria-hidden="true">{failureInWords(failure, left)}</p>
            </>
          ) : (
            <p>{failureInWords(failure, 0)}</p>
          ))}
      </div>
      <Button kind="primary" type="submit" disabled={isBusy || left > 0 || !username.trim() || !password}>
        {isBusy ? 'Logging in…' : left > 0 ? `Wait ${left} s` : 'Log in'}
      </Button>
    </form>
  );
}

/** Seconds until the server may be asked again. */
function useCountdown(failure: ApiError | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const until = Date.now() + (failure?.retryAfter ?? 0) * 1000;
    const count = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [failure]);
  return left;
}
