/** What a file is, by its name. */

export type FileKind =
  | 'image'
  | 'markdown'
  | 'notebook'
  | 'json'
  | 'geojson'
  | 'delimited'
  | 'parquet'
  | 'html'
  | 'pdf'
  | 'audio'
  | 'video'
  | 'model'
  | 'text'
  | 'binary';

/** A file of a run, as the list of artifacts has it. */
export interface FileOfRun {
  runId: string;
  path: string;
  size: number | null;
  /** Whether it may still grow. */
  isLive: boolean;
  /** Where relative addresses in it lead from, if its folder has an address; with a slash at its end. */
  base: string | null;
}

const KINDS = new Map<string, FileKind>(
  Object.entries({
    png: 'image',
    jpg: 'image',
    jpeg: 'image',
    gif: 'image',
    webp: 'image',
    avif: 'image',
    svg: 'image',
    bmp: 'image',
    ico: 'image',
    md: 'markdown',
    markdown: 'markdown',
    ipynb: 'notebook',
    json: 'json',
    geojson: 'geojson',
    csv: 'delimited',
    tsv: 'delimited',
    parquet: 'parquet',
    pq: 'parquet',
    html: 'html',
    htm: 'html',
    pdf: 'pdf',
    mp3: 'audio',
    wav: 'audio',
    flac: 'audio',
    ogg: 'audio',
    m4a: 'audio',
    mp4: 'video',
    webm: 'video',
    mov: 'video',
  } satisfies Record<string, FileKind>),
);

/** The languages that are highlighted, by the endings of files. */
const LANGUAGES = new Map(
  Object.entries({
    py: 'python',
    pyi: 'python',
    json: 'json',
    jsonl: 'json',
    ipynb: 'json',
    yaml: 'yaml',
    yml: 'yaml',
    mlmodel: 'yaml',
    toml: 'ini',
    ini: 'ini',
    cfg: 'ini',
    conf: 'ini',
    env: 'ini',
    sh: 'bash',
    bash: 'bash',
    zsh: 'bash',
    sql: 'sql',
    md: 'markdown',
    markdown: 'markdown',
    r: 'r',
    js: 'javascript',
    mjs: 'javascript',
    ts: 'javascript',
    html: 'xml',
    htm: 'xml',
    xml: 'xml',
    svg: 'xml',
    dockerfile: 'bash',
  }),
);

const TEXT = new Set(
  (
    'txt log out err text rst tex csv tsv jsonl ndjson xml css scss jsx tsx go rs java c h cc cpp hpp cu scala kt rb ' +
    'jl lua pl php swift diff patch lock requirements properties gitignore makefile license readme proto graphql tf dot ' +
    'dockerfile srt vtt geo bat ps1'
  ).split(' '),
);

/** The ending of a file's name, in small letters; of a name without one, the name. */
export function ending(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return (dot >= 0 && dot < name.length - 1 ? name.slice(dot + 1) : name).toLowerCase();
}

export function kindOf(path: string): FileKind {
  if (path === 'MLmodel' || path.endsWith('/MLmodel')) return 'model';
  const end = ending(path);
  return KINDS.get(end) ?? (LANGUAGES.has(end) || TEXT.has(end) ? 'text' : 'binary');
}

/** The highlighter's language for a file, or `null` for plain text. */
export const languageOf = (path: string): string | null => LANGUAGES.get(ending(path)) ?? null;

/** Whether the bytes look like text: UTF-8 without control characters. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 4096);
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))) return false;
  try {
    // The last character may be cut in two.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
