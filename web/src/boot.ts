/** The first file of all: asks for what the address needs, all at once, and then for the program that draws it. */

import { askEarly } from './api/early';
import { filesOf, shownPath } from './app/pages';

// An address of MLflow's pages is of another page than its path says.
if (!location.hash.startsWith('#/')) {
  askEarly(shownPath(), new URLSearchParams(location.search));
  // A file that does not come is told where the page is drawn.
  for (const load of filesOf(shownPath())) load().catch(() => undefined);
}
void import('./main');
