import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Toasts } from '../design/toasts';
import { ConnectionBar } from './ConnectionBar';
import { Drawer } from './Drawer';
import styles from './Frame.module.css';
import { Nav } from './Nav';
import { PaletteField } from './palette/PaletteField';
import { paths } from './paths';
import { RouteChange } from './RouteChange';
import { useShortcut } from './shortcuts';
import { TopBar } from './TopBar';
import { Transfers } from './Transfers';
import { PHONE, useMedia } from './useMedia';

const ShortcutsDialog = lazy(() => import('./ShortcutsDialog'));
const Palette = lazy(() => import('./palette/Palette'));

type Opened = 'palette' | 'shortcuts' | 'nav' | null;

/** What is around every page: navigation, the bar at the top, notices. */
export function Frame({ children }: { children: ReactNode }) {
  const isPhone = useMedia(PHONE);
  const [opened, setOpened] = useState<Opened>(null);
  const [, navigate] = useLocation();
  const main = useRef<HTMLElement>(null);
  // The palette's: what is typed before its file is there counts too.
  const [typed, setTyped] = useState('');
  const close = () => {
    setOpened(null);
    setTyped('');
  };

  useShortcut('Mod+k', 'Search', () => setOpened('palette'), { scope: 'app' });
  useShortcut('?', 'Keyboard shortcuts', () => setOpened('shortcuts'), { scope: 'app' });
  useShortcut('g e', 'Go to experiments', () => navigate(paths.experiments()), { scope: 'app' });
  useShortcut('g s', 'Go to settings', () => navigate(paths.settings()), { scope: 'app' });

  return (
    <div className={styles.frame}>
      {/* A link would lead to the page's base. */}
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      {!isPhone && <Nav />}
      <div className={styles.column}>
        <TopBar
          onMenu={isPhone ? () => setOpened('nav') : null}
          onSearch={() => setOpened('palette')}
          onShortcuts={() => setOpened('shortcuts')}
          onGo={navigate}
        />
        <ConnectionBar />
        <main ref={main} className={styles.main} id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <RouteChange mainId="main" />
      {isPhone && opened === 'nav' && (
        <Drawer onClose={close}>
          <Nav isDrawer />
        </Drawer>
      )}
      <Suspense>{opened === 'shortcuts' && <ShortcutsDialog onClose={close} />}</Suspense>
      <Suspense fallback={<PaletteField text={typed} onText={setTyped} onClose={close} />}>
        {opened === 'palette' && (
          <Palette
            text={typed}
            onText={setTyped}
            onClose={close}
            onShortcuts={() => setOpened('shortcuts')}
          />
        )}
      </Suspense>
      <div className={styles.corner}>
        <Transfers />
        <Toasts />
      </div>
    </div>
  );
}
