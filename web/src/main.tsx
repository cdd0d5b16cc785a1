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
import { queryClient } from './app/queryClient';
import { followLogin, goToLogin, needsLogin, sessionQuery } from './app/session';

/** So long the frame waits for its page, to be drawn once: the files come side by side. */
const TOGETHER_MS = 100;

async function start() {
  await followLegacyLinks();
  const files = filesOf(shownPath()).map((load) => load());
  // Who is not logged in sees the login page and nothing before it.
  const session = queryClient.fetchQuery(sessionQuery).then((answer) => {
    if (needsLogin(answer)) goToLogin();
  });
  const together = Promise.allSettled([...files, session]);
  await Promise.race([together, new Promise((resolve) => setTimeout(resolve, TOGETHER_MS))]);
  const root = document.getElementById('app');
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

applyTheme();
followLogin();
prefetchPages();
// Not awaited here: the files of pages wait for this one.
void start();
