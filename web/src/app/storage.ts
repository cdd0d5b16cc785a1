/** Texts in the browser's storage, which may be forbidden or full: then they last as long as the page does not need them. */

export function readText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeText(key: string, text: string) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Not kept.
  }
}
