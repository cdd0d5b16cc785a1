/** Keyboard shortcuts: the one place that listens, and what is registered on the present page. */

import { useEffect, useRef, useSyncExternalStore } from 'react';
import { keyName, matchKeys } from './keys';

export interface ShortcutOptions {
  /** Only then; it is listed in the help nevertheless. */
  when?: boolean;
  /** `app`: of the frame, so that a page's shortcut with the same keys comes first. */
  scope?: 'page' | 'app';
}

interface Shortcut {
  keys: readonly string[];
  description: string;
  scope: 'page' | 'app';
  isActive: () => boolean;
  run: (event: KeyboardEvent) => void;
}

/** How long a sequence such as `g e` may take between two keys. */
const SEQUENCE_MS = 1000;

let registered: readonly Shortcut[] = [];
let pending: readonly string[] = [];
let pressedAt = 0;
const listeners = new Set<() => void>();

function set(next: readonly Shortcut[]) {
  registered = next;
  for (const listener of listeners) listener();
}

/**
 * Registers a shortcut while the component is shown. `keys`: `'x'`, `'Shift+x'`, `'Mod+k'` (Ctrl or ⌘), `'g e'`, or
 * several that do the same. The last registered of the same keys wins. Nothing happens while somebody types in a
 * field or a dialog is open. The browser's own meaning of the key is prevented.
 */
export function useShortcut(
  keys: string | readonly string[],
  description: string,
  handler: (event: KeyboardEvent) => void,
  { when = true, scope = 'page' }: ShortcutOptions = {},
) {
  const latest = useRef({ handler, when });
  useEffect(() => {
    latest.current = { handler, when };
  });
  const text = typeof keys === 'string' ? keys : keys.join('\n');
  useEffect(() => {
    const one: Shortcut = {
      keys: text.split('\n'),
      description,
      scope,
      isActive: () => latest.current.when,
      run: (event) => latest.current.handler(event),
    };
    set([...registered, one]);
    return () => set(registered.filter((other) => other !== one));
  }, [text, description, scope]);
}

/** What is registered at present, for the help. */
export function useRegisteredShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => registered,
  );
}

function onKeyDown(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing) return;
  const name = keyName(event);
  if (!name) return;
  const isCommand = name.startsWith('Mod+');
  if (!isCommand && (isTyping(event.target) || isPressing(event.target, name))) return;
  // What is below a modal dialog rests.
  if (document.querySelector('dialog[open]:modal')) return;
  const now = performance.now();
  const before = now - pressedAt < SEQUENCE_MS ? pending : [];
  pressedAt = now;
  const active = registered.filter((one) => one.isActive());
  const match = matchKeys(
    active.flatMap((one) => one.keys),
    before,
    name,
  );
  pending = match.pending;
  const { sequence } = match;
  if (sequence === null) return;
  const found = active.filter((one) => one.keys.includes(sequence));
  const chosen = found.findLast((one) => one.scope === 'page') ?? found.at(-1);
  if (!chosen) return;
  event.preventDefault();
  chosen.run(event);
}

document.addEventListener('keydown', onKeyDown);

const NO_TEXT = new Set(['checkbox', 'radio', 'button', 'submit', 'reset', 'range', 'color', 'file']);

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !NO_TEXT.has(target.type);
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}

/** Enter and Space press the control that has the focus, and nothing else. */
function isPressing(target: EventTarget | null, name: string): boolean {
  return (
    (name === 'Enter' || name === ' ') &&
    target instanceof HTMLElement &&
    target.closest('a[href], button, summary, input, [role="menuitem"], [role="option"]') !== null
  );
}

/** Whether keys have the names of a Mac. */
export const isMac = /mac|iphone|ipad/i.test(navigator.platform);
