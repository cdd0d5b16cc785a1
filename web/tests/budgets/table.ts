/** The table of budgets: what was measured beside what it may be. */

import { expect } from '@playwright/test';
import type { Browser } from '@playwright/test';
import { type Cost, probe } from './probe';

interface Row {
  what: string;
  measured: string;
  budget: string;
  isMet: boolean;
}

export function print(title: string, header: readonly string[], table: readonly (readonly string[])[]) {
  const widths = header.map((name, i) => Math.max(name.length, ...table.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  console.log(
    [`\n${title}`, line(header), line(widths.map((width) => '-'.repeat(width))), ...table.map(line)].join(
      '\n',
    ),
  );
}

export class Budgets {
  readonly #rows: Row[] = [];

  /** A value that may be at most (or must be at least) so much. */
  judge(what: string, value: number, limit: number, unit: string, isAtLeast = false) {
    const isMet = isAtLeast ? value >= limit : value <= limit;
    const shown = (one: number) =>
      `${Number(one.toFixed(one < 10 ? 2 : 0)).toLocaleString('en-US')} ${unit}`.trim();
    this.#rows.push({
      what,
      measured: shown(value),
      budget: `${isAtLeast ? '≥' : '≤'} ${shown(limit)}`,
      isMet,
    });
  }

  /** Prints all, and fails if one is not met. */
  finish(title: string) {
    print(
      title,
      ['what', 'measured', 'budget', ''],
      this.#rows.map((row) => [row.what, row.measured, row.budget, row.isMet ? 'ok' : 'OVER']),
    );
    expect(
      this.#rows
        .filter((row) => !row.isMet)
        .map((row) => `${row.what}: ${row.measured}, budget ${row.budget}`),
    ).toEqual([]);
  }
}

type Visit = Parameters<typeof probe> extends [Browser, ...infer Rest] ? Rest : never;

/** The middle one of three visits, by the time to the content. */
export async function middle(browser: Browser, ...visit: Visit): Promise<Cost> {
  const costs = [
    await probe(browser, ...visit),
    await probe(browser, ...visit),
    await probe(browser, ...visit),
  ];
  return costs.sort((a, b) => a.contentMs - b.contentMs)[1] as Cost;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
