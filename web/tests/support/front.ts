/**
 * Serves pages from a folder as the program serves those it holds, and hands everything else on to a server: for trying pages
 * without building the program anew. `OXFLOW_WEB_DIST=dist` makes all browser tests use it.
 */

import { readFileSync } from 'node:fs';
import { Agent, createServer, request, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.woff2': 'font/woff2',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
  "frame-src 'self' blob:; worker-src 'self' blob:; media-src 'self' blob:; form-action 'self'; base-uri 'self'; frame-ancestors 'self'";
/** What is not a page although the browser opens it as one: files, and the server's own. */
const NO_PAGE = /^\/(api|ajax-api|get-artifact|model-versions|mlflow-artifacts|version|health|graphql)(\/|$)/;

export class Front {
  readonly #files = new Map<string, Buffer>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: HttpServer;

  private constructor(
    private readonly folder: string,
    private readonly behind: () => number,
  ) {
    this.#server = createServer((asked, answer) => {
      const path = (asked.url ?? '/').replace(/\?.*/, '');
      if (path.startsWith('/static-files/')) {
        const headers = { 'cache-control': 'public, max-age=31536000, immutable' };
        this.#send(answer, path, headers);
      } else if (asked.headers['sec-fetch-dest'] === 'document' && !NO_PAGE.test(path)) {
        this.#send(answer, '/index.html', { 'cache-control': 'no-cache', 'content-security-policy': POLICY });
      } else {
        const own = `127.0.0.1:${behind()}`;
        const { origin, ...headers } = asked.headers;
        const passed = request(
          {
            port: this.behind(),
            path: asked.url,
            method: asked.method,
            agent: this.#agent,
            headers: { ...headers, host: own, ...(origin && { origin: `http://${own}` }) },
          },
          (from) => {
            answer.writeHead(from.statusCode ?? 502, from.headers);
            from.pipe(answer).on('error', () => from.destroy());
            from.on('error', () => answer.destroy());
          },
        );
        // As when the server itself is away.
        passed.on('error', () => answer.destroy());
        answer.on('close', () => passed.destroy());
        asked.pipe(passed);
      }
    });
  }

  static async start(folder: string, behind: () => number): Promise<Front> {
    const front = new Front(folder, behind);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #send(answer: ServerResponse, path: string, headers: Record<string, string>) {
    const isText = extname(path) !== '.woff2';
    let body = this.#files.get(path);
    if (!body) {
      try {
        const plain = readFileSync(join(this.folder, path));
        body = isText ? brotliCompressSync(plain) : plain;
      } catch {
        answer.writeHead(404).end();
        return;
      }
      this.#files.set(path, body);
    }
    answer.writeHead(200, {
      ...headers,
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-length': body.length,
      ...(isText && { 'content-encoding': 'br' }),
    });
    answer.end(body);
  }
}
