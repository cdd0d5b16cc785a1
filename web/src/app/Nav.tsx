import { Link, useLocation } from 'wouter';
import { useSyncExternalStore } from 'react';
import { serverVersion } from '../api/http';
import { IconButton } from '../design/Button';
import { classes } from '../design/classes';
import { Icon, type IconName } from '../design/Icon';
import { Logo } from './Logo';
import styles from './Nav.module.css';
import { type NamedExperiment, useRecent, useStarred } from './opened';
import { paths } from './paths';
import { useSession } from './session';
import { stored, useStored } from './stored';

const nav = stored<'wide' | 'narrow'>('nav', (raw) => (raw === 'narrow' ? 'narrow' : 'wide'));

/** The navigation: sections, and the experiments that the reader starred or opened lately. */
export function Nav({ isDrawer = false }: { isDrawer?: boolean }) {
  const isNarrow = useStored(nav) === 'narrow' && !isDrawer;
  const isAdmin = useSession()?.user?.is_admin ?? false;
  const starred = useStarred();
  const recent = useRecent().filter((one) => !starred.some((other) => other.id === one.id));
  return (
    <nav className={classes(styles.nav, isNarrow && styles.narrow)} aria-label="Main">
      <div className={styles.head}>
        <Link href={paths.experiments()} className={styles.brand} aria-label="Oxflow: experiments">
          <Logo />
          <span className={styles.word}>Oxflow</span>
        </Link>
      </div>
      <div className={styles.sections}>
        <Section href={paths.experiments()} icon="flask" label="Experiments" isNarrow={isNarrow} />
        {isAdmin && <Section href={paths.users()} icon="shield" label="Admin" isNarrow={isNarrow} />}
        {!isNarrow && <Experiments title="Starred" icon="star" experiments={starred} />}
        {!isNarrow && <Experiments title="Recent" icon="clock" experiments={recent} />}
      </div>
      <div className={styles.foot}>
        {!isNarrow && <Version />}
        {!isDrawer && (
          <IconButton
            icon="panel"
            label={isNarrow ? 'Widen the navigation' : 'Narrow the navigation'}
            aria-expanded={!isNarrow}
            onClick={() => nav.set(isNarrow ? 'wide' : 'narrow')}
          />
        )}
      </div>
    </nav>
  );
}

function Section(props: { href: string; icon: IconName; label: string; isNarrow: boolean }) {
  const [path] = useLocation();
  const parts = props.href === paths.experiments() ? '/experiments' : '/admin';
  const isCurrent = path === props.href || path.startsWith(parts);
  return (
    <Link
      href={props.href}
      className={styles.link}
      aria-current={path === props.href ? 'page' : isCurrent ? 'true' : undefined}
      title={props.isNarrow ? props.label : undefined}
      aria-label={props.isNarrow ? props.label : undefined}
    >
      <Icon name={props.icon} />
      {!props.isNarrow && <span className={styles.label}>{props.label}</span>}
    </Link>
  );
}

interface ExperimentsProps {
  title: string;
  icon: IconName;
  experiments: readonly NamedExperiment[];
}

function Experiments({ title, icon, experiments }: ExperimentsProps) {
  const [path] = useLocation();
  if (experiments.length === 0) return null;
  const id = `nav-${title.toLowerCase()}`;
  return (
    <section className={styles.group} aria-labelledby={id}>
      <h2 id={id}>
        <Icon name={icon} size={12} />
        {title}
      </h2>
      <ul>
        {experiments.map(({ id: experimentId, name }) => {
          const href = paths.experiment(experimentId);
          const cut = name.lastIndexOf('/') + 1;
          return (
            <li key={experimentId}>
              <Link
                href={href}
                title={name}
                className={classes(styles.link, styles.experiment)}
                aria-current={path === href || path.startsWith(`${href}/`) ? 'page' : undefined}
              >
                <span className={styles.label}>{name.slice(cut) || name}</span>
                {cut > 0 && <span className={styles.folder}>{name.slice(0, cut - 1)}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Version() {
  const version = useSyncExternalStore(serverVersion.subscribe, serverVersion.get);
  return (
    <Link href={paths.about()} className={styles.version}>
      {version ? `Oxflow ${version}` : 'About'}
    </Link>
  );
}
