/** Whether the reader has typed the text. A field has no line breaks, and nobody sees how many spaces there are. */
export const isTyped = (typed: string, text: string) => plain(typed) === plain(text);

const plain = (text: string) => text.normalize('NFC').replace(/\s+/gu, ' ').trim();
