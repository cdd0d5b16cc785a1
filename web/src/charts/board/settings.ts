/** What all charts of a board share. */

import type { Range } from '../series/range';
import type { BoardState } from '../boardState';
import type { CursorLink } from '../line/link';
import type { ChartRun, Group } from '../line/prepare';
import type { HighlightStore } from './highlight';

export interface BoardSettings {
  /** What is asked for: also hidden runs, so that showing one needs no call. */
  runs: readonly ChartRun[];
  /** What is drawn. */
  shown: readonly ChartRun[];
  groups: readonly Group[] | null;
  state: BoardState;
  hasPatterns: boolean;
  link: CursorLink;
  highlight: HighlightStore;
  onZoom: (zoom: Range | null) => void;
}
