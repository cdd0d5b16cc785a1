import type { ExperimentSummary } from '../../api/types';

export const NOTE_TAG = 'mlflow.note.content';

/** The tags that people wrote: not those that programs keep their own things in. */
export function ownTags(experiment: ExperimentSummary): [key: string, value: string][] {
  return Object.entries(experiment.tags)
    .filter(([key]) => !/^(mlflow|oxflow)\./.test(key))
    .sort(([a], [b]) => a.localeCompare(b));
}

export const noteOf = (experiment: ExperimentSummary) => experiment.tags[NOTE_TAG] ?? '';

/** The first line with words, without what Markdown adds. */
export function firstLine(note: string): string {
  for (const line of note.split('\n')) {
    const words = line
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/^\s*(#{1,6}|>|[-*+]|\d+\.)\s+/, '')
      .replace(/(\*\*|__|`|~~)/g, '')
      .trim();
    if (/[\p{L}\p{N}]/u.test(words)) return words;
  }
  return '';
}

/** Whether it has a tag as the filter writes it: `key=value`, or `key`. */
export function hasTag(experiment: ExperimentSummary, wanted: string): boolean {
  // A key may have `=` in it: any cut that fits counts.
  return Object.entries(experiment.tags).some(
    ([key, value]) => wanted === key || wanted === `${key}=${value}`,
  );
}

/** The tags of experiments with how many have each, the most frequent first. */
export function countTags(experiments: readonly ExperimentSummary[]): { tag: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const experiment of experiments) {
    for (const [key, value] of ownTags(experiment)) {
      const tag = `${key}=${value}`;
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([tag, count]) => ({ tag, count }))
    .sort((a, b) => b.count - a.count || a.tag.localeCompare(b.tag));
}
