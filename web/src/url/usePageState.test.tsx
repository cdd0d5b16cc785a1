import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import { text } from './codec';
import { type Patch, usePageState } from './usePageState';

const schema = { q: text };

it('keeps percent signs of filters and of paths', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  history.replaceState(null, '', '/runs/1/artifacts/100%25.txt');
  let shown = '';
  let patch: Patch<{ q: string }> | undefined;
  function Page() {
    const [state, setState] = usePageState(schema);
    shown = state.q;
    patch = setState;
    return null;
  }
  const root = createRoot(document.createElement('div'));
  await act(() => root.render(createElement(Page)));
  await act(() => patch?.({ q: "tags.x LIKE '%ab%20%'" }));
  expect(shown).toBe("tags.x LIKE '%ab%20%'");
  expect(location.pathname).toBe('/runs/1/artifacts/100%25.txt');
  root.unmount();
});
