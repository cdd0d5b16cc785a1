import { Fragment, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './Icon';
import styles from './Menu.module.css';
import { Popover } from './Popover';

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** Checked or not, for an item that switches. */
  isChecked?: boolean;
  isDisabled?: boolean;
  isDangerous?: boolean;
  /** A line above it. */
  startsGroup?: boolean;
  /** The key that does the same, for display. */
  shortcut?: string;
  onSelect: () => void;
}

interface Props {
  items: readonly MenuItem[];
  /** The button that opens it: gets the attributes it needs. */
  button: (props: MenuButtonProps) => ReactNode;
  label: string;
}

export interface MenuButtonProps {
  id: string;
  onClick: () => void;
  'aria-haspopup': 'menu';
  'aria-expanded': boolean;
}

/** A button with a menu: arrows move, letters jump, Escape closes. Source: the ARIA practices' menu button. */
export function Menu({ items, button, label }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const close = () => {
    setOpen(false);
    document.getElementById(id)?.focus();
  };
  return (
    <>
      {button({ id, onClick: () => setOpen(!isOpen), 'aria-haspopup': 'menu', 'aria-expanded': isOpen })}
      {isOpen && (
        <Popover anchorId={id} onClose={close}>
          <MenuList items={items} label={label} onClose={close} />
        </Popover>
      )}
    </>
  );
}

/** The items of a menu, for one that is opened by other means than a button. */
export function MenuList({
  items,
  label,
  onClose,
}: {
  items: readonly MenuItem[];
  label: string;
  onClose: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const enabled = () => [
    ...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)') ?? []),
  ];
  useEffect(() => {
    list.current?.querySelector<HTMLElement>('[role^="menuitem"]:not(:disabled)')?.focus();
  }, []);
  const move = (by: number | 'first' | 'last') => {
    const all = enabled();
    const here = all.indexOf(document.activeElement as HTMLElement);
    const next = by === 'first' ? 0 : by === 'last' ? all.length - 1 : (here + by + all.length) % all.length;
    all[next]?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: 'first', End: 'last' } as const;
    const step = steps[event.key as keyof typeof steps];
    if (step !== undefined) {
      event.preventDefault();
      move(step);
    } else if (event.key === 'Tab') {
      onClose();
    } else if (event.key.length === 1 && /\S/.test(event.key)) {
      const all = enabled();
      const from = all.indexOf(document.activeElement as HTMLElement) + 1;
      const order = [...all.slice(from), ...all.slice(0, from)];
      order.find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
      event.stopPropagation();
    }
  };
  return (
    <div
      ref={list}
      role="menu"
      aria-label={label}
      className={styles.list}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {items.map((item) => (
        <Fragment key={item.label}>
          {item.startsGroup && <hr className={styles.separator} />}
          <button
            type="button"
            tabIndex={-1}
            role={item.isChecked === undefined ? 'menuitem' : 'menuitemcheckbox'}
            {...(item.isChecked !== undefined && { 'aria-checked': item.isChecked })}
            disabled={item.isDisabled}
            className={styles.item}
            data-dangerous={item.isDangerous || undefined}
            onClick={() => {
              onClose();
              item.onSelect();
            }}
          >
            <span className={styles.icon}>
              {item.isChecked ? <Icon name="check" /> : item.icon && <Icon name={item.icon} />}
            </span>
            <span className={styles.label}>{item.label}</span>
            {item.shortcut && <kbd>{item.shortcut}</kbd>}
          </button>
        </Fragment>
      ))}
    </div>
  );
}
