import './design/tokens.css';
import './design/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { followLegacyLinks } from './app/legacyLinks';
import { prefetchPages } from './app/prefetch';
import { applyTheme } from './app/theme';
import './app/timeZone';
import { filesOf, shownPath } from './app/pages';

/** So long the frame waits for its page, to be drawn once: the files come side by side. */
const TOGETHER_MS = 100;

async function start() {
  await followLegacyLinks();
  const files = Promise.allSettled(filesOf(shownPath()).map((load) => load()));
  await Promise.race([files, new Promise((resolve) => setTimeout(resolve, TOGETHER_MS))]);
  const root = document.getElementById('app');
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

applyTheme();
prefetchPages();
// Not awaited here: the files of pages wait for this one.
void start();
