/** Bytes as `00000010  48 65 …  |He…|`. */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    const left = hex.slice(0, 8).join(' ').padEnd(23);
    const right = hex.slice(8).join(' ').padEnd(23);
    lines.push(`${at.toString(16).padStart(8, '0')}  ${left}  ${right}  |${text}|`);
  }
  return lines;
}

const SIGNATURES: readonly [string, string][] = [
  ['504b0304', 'ZIP archive (also .pt, .keras, .npz, .docx)'],
  ['1f8b', 'gzip'],
  ['28b52ffd', 'Zstandard'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['894844460d0a1a0a', 'HDF5'],
  ['934e554d5059', 'NumPy array'],
  ['80049', 'Python pickle'],
  ['80059', 'Python pickle'],
  ['8002', 'Python pickle'],
  ['8003', 'Python pickle'],
  ['53514c69746520666f726d6174203300', 'SQLite database'],
  ['4152524f5731', 'Arrow file'],
  ['50415231', 'Parquet'],
  ['47475546', 'GGUF model'],
  ['89504e47', 'PNG image'],
  ['ffd8ff', 'JPEG image'],
  ['25504446', 'PDF'],
  ['7f454c46', 'ELF program'],
];

/** What the first bytes say that it is. */
export function signatureOf(bytes: Uint8Array): string | null {
  const head = [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return SIGNATURES.find(([start]) => head.startsWith(start))?.[1] ?? null;
}
