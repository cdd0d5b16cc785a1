/** A proxy that makes a real server slow, silent or refusing: what networks and gateways do. */

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Fault {
  /** Which requests; all by default. */
  path?: RegExp;
  /** Waits so many ms first. */
  delayMs?: number;
  /** Answers with this status and error code instead of asking the server. */
  status?: number;
  code?: string;
  message?: string;
  /** Closes the connection. */
  drops?: boolean;
}

export class FaultyProxy {
  fault: Fault | null = null;

  private constructor(
    private readonly target: URL,
    private readonly listener: Server,
  ) {}

  static async start(target: string): Promise<FaultyProxy> {
    const listener = createServer();
    const proxy = new FaultyProxy(new URL(target), listener);
    listener.on('request', (asked, answer) => void proxy.#handle(asked, answer));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.listener.closeAllConnections();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  async #handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const fault = this.fault;
    if (fault && (fault.path ?? /./).test(asked.url ?? '')) {
      if (fault.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      if (fault.drops) {
        asked.socket.destroy();
        return;
      }
      if (fault.status) {
        answer.writeHead(fault.status, { 'Content-Type': 'application/json' });
        answer.end(
          JSON.stringify({ error_code: fault.code ?? 'INTERNAL_ERROR', message: fault.message ?? '' }),
        );
        return;
      }
    }
    const headers = { ...asked.headers, host: this.target.host };
    if (headers.origin) headers.origin = this.target.origin;
    if (headers.referer) headers.referer = `${this.target.origin}/`;
    const onward = request(
      { host: this.target.hostname, port: this.target.port, method: asked.method, path: asked.url, headers },
      (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      },
    );
    onward.on('error', () => asked.socket.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  }
}
