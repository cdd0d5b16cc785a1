import './design/tokens.css';
import './design/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { followLegacyLinks } from './app/legacyLinks';
import { applyTheme } from './app/theme';
import './app/timeZone';

applyTheme();
followLegacyLinks();

const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
