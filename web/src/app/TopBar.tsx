import { Link } from 'wouter';
import { IconButton } from '../design/Button';
import { Icon } from '../design/Icon';
import { Menu } from '../design/Menu';
import { AccountMenu } from './AccountMenu';
import { useShownBreadcrumb } from './breadcrumb';
import { keyCaps } from './keys';
import { paths } from './paths';
import { isMac } from './shortcuts';
import { ThemeMenu } from './ThemeMenu';
import styles from './TopBar.module.css';

interface Props {
  /** On a phone: opens the navigation. */
  onMenu: (() => void) | null;
  onSearch: () => void;
  onShortcuts: () => void;
  onGo: (path: string) => void;
}

export function TopBar({ onMenu, onSearch, onShortcuts, onGo }: Props) {
  return (
    <header className={styles.bar}>
      {onMenu && <IconButton icon="menu" label="Navigation" onClick={onMenu} />}
      <Breadcrumb />
      <button type="button" className={styles.search} onClick={onSearch} aria-keyshortcuts="Control+K">
        <Icon name="search" />
        <span className={styles.words}>Search</span>
        <kbd>
          {keyCaps('Mod+k', isMac)
            .flat()
            .join(isMac ? '' : ' ')}
        </kbd>
      </button>
      <ThemeMenu />
      <Menu
        label="Help"
        button={(props) => <IconButton {...props} icon="help" label="Help" />}
        items={[
          { label: 'Keyboard shortcuts', icon: 'list', shortcut: '?', onSelect: onShortcuts },
          { label: 'Settings', icon: 'settings', onSelect: () => onGo(paths.settings()) },
          { label: 'About Oxflow', icon: 'info', onSelect: () => onGo(paths.about()) },
        ]}
      />
      <AccountMenu onGo={onGo} />
    </header>
  );
}

function Breadcrumb() {
  const crumbs = useShownBreadcrumb();
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      <ol>
        {crumbs.map((crumb, i) => {
          const isLast = i === crumbs.length - 1;
          return (
            <li key={`${i}${crumb.label}`}>
              {i > 0 && <Icon name="chevronRight" size={12} />}
              {crumb.href && !isLast ? (
                <Link href={crumb.href} title={crumb.label}>
                  {crumb.label}
                </Link>
              ) : (
                <span title={crumb.label} aria-current={isLast ? 'page' : undefined}>
                  {crumb.label}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
