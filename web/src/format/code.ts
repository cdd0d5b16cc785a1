/** Texts inside of code that somebody copies. */

/** A text as Python writes it. */
export const pythonText = (text: string) => JSON.stringify(text).replace(/\u007f/g, '\\x7f');

/** A text for a POSIX shell. */
export const shellText = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
