/** What the palette offers, and which of it matches: every word must be in the label. */

import type { ExperimentSummary } from '../../api/types';
import type { IconName } from '../../design/Icon';
import { wordsOf } from '../../design/marks';

export interface Found {
  id: string;
  label: string;
  icon: IconName;
  /** Beside the label: where it is, or a key. */
  detail?: string;
  keys?: string;
  /** More words that find it. */
  words?: string;
  run: () => void;
}

export interface FoundGroup {
  title: string;
  items: readonly Found[];
}

/** The matching ones, those whose label begins with the text first; at most `limit`. */
export function matching(items: readonly Found[], text: string, limit: number): readonly Found[] {
  const words = wordsOf(text);
  if (words.length === 0) return items.slice(0, limit);
  const ranked: { item: Found; rank: number }[] = [];
  for (const item of items) {
    const label = item.label.toLowerCase();
    const all = `${label} ${item.words?.toLowerCase() ?? ''}`;
    if (!words.every((word) => all.includes(word))) continue;
    const first = words[0] ?? '';
    // The beginning of the name, then of a word in it, then anywhere.
    const rank = label.startsWith(first)
      ? 0
      : /[\s/._-]/.test(label.charAt(label.indexOf(first) - 1))
        ? 1
        : 2;
    ranked.push({ item, rank });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ item }) => item);
}

/** What the server searches at once. */
const MOST_EXPERIMENTS = 10_000;

/** The experiments whose runs are searched: of very many, those in which something happened last. */
export function searchedExperiments(
  known: readonly Pick<ExperimentSummary, 'experiment_id' | 'last_activity'>[],
): string[] {
  const latest =
    known.length > MOST_EXPERIMENTS
      ? known.toSorted((a, b) => (b.last_activity ?? 0) - (a.last_activity ?? 0)).slice(0, MOST_EXPERIMENTS)
      : known;
  return latest.map((one) => one.experiment_id);
}
