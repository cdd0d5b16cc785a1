/** Texts in the order people expect, numbers in them by value. */
export const compareNames = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;

/** Keys in the order people expect: `layer2` before `layer10`. */
export const byKey = (a: { key: string }, b: { key: string }) =>
  compareNames(a.key, b.key) || (a.key < b.key ? -1 : 1);
