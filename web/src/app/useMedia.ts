import { useCallback, useSyncExternalStore } from 'react';

/** Whether a media query matches; the same width as in the style sheets. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    useCallback(
      (listener) => {
        const media = window.matchMedia(query);
        media.addEventListener('change', listener);
        return () => media.removeEventListener('change', listener);
      },
      [query],
    ),
    () => window.matchMedia(query).matches,
  );
}

/** Narrower than this the navigation is a drawer. */
export const PHONE = '(max-width: 719px)';
