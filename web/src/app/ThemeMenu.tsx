import { useSyncExternalStore } from 'react';
import { IconButton } from '../design/Button';
import type { IconName } from '../design/Icon';
import { Menu } from '../design/Menu';
import { chooseTheme, chosenTheme, subscribeToTheme, type Theme } from './theme';

export const THEMES: readonly { theme: Theme; label: string; icon: IconName }[] = [
  { theme: 'system', label: 'Like the system', icon: 'monitor' },
  { theme: 'light', label: 'Light', icon: 'sun' },
  { theme: 'dark', label: 'Dark', icon: 'moon' },
];

export const useTheme = () => useSyncExternalStore(subscribeToTheme, chosenTheme);

export function ThemeMenu() {
  const chosen = useTheme();
  return (
    <Menu
      label="Theme"
      button={(props) => (
        <IconButton
          {...props}
          icon={THEMES.find(({ theme }) => theme === chosen)?.icon ?? 'monitor'}
          label="Theme"
        />
      )}
      items={THEMES.map(({ theme, label, icon }) => ({
        label,
        icon,
        isChecked: theme === chosen,
        onSelect: () => chooseTheme(theme),
      }))}
    />
  );
}
