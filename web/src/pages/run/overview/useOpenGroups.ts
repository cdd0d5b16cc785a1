import { readText, writeText } from '../../../app/storage';
import { useCallback, useState } from 'react';

/** Which groups of a tree are open. */
export function useOpenGroups(isOpenAtFirst: (prefix: string) => boolean) {
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = (prefix: string) => changed.get(prefix) ?? isOpenAtFirst(prefix);
  const toggle = (prefix: string) => setChanged(new Map(changed).set(prefix, !isOpen(prefix)));
  return { isOpen, toggle };
}

/** A preference of the reader, kept in this browser. */
export function usePreference(key: string): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => readText(key) === '1');
  const set = useCallback(
    (next: boolean) => {
      writeText(key, next ? '1' : '0');
      setValue(next);
    },
    [key],
  );
  return [value, set];
}
