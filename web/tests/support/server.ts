/** Oxflow servers as processes of their own, each with a temporary folder. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Front } from './front';

const run = promisify(execFile);

/** The binary under test. */
function binary(): string {
  const path = process.env.OXFLOW_BIN;
  if (!path)
    throw new Error('OXFLOW_BIN does not name the oxflow binary; `make web-test` builds one and sets it');
  return path;
}

/** What a developer has set for a server of his own must not reach ours. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('MLFLOW_') && !name.startsWith('OXFLOW_'),
    ),
  );
}

/** Who administers the servers that ask for a login. */
export const ADMIN = { username: 'admin', password: 'correct-horse-battery-7' };

export class Server {
  #process: ChildProcess | null = null;
  #port = 0;
  #front: Front | null = null;

  private constructor(
    readonly folder: string,
    private readonly flags: readonly string[],
    private readonly environment: NodeJS.ProcessEnv = {},
  ) {}

  /** Starts a server on an empty database. */
  static async start(...flags: string[]): Promise<Server> {
    const server = new Server(mkdtempSync(join(tmpdir(), 'oxflow-web.')), flags);
    await server.resume();
    return server;
  }

  /** Starts a server on an empty database that asks for a login, and on which nobody may do anything without a grant. */
  static async startWithLogins(): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'oxflow-web.'));
    const config = join(folder, 'basic_auth.ini');
    const database = `sqlite:///${join(folder, 'basic_auth.db')}`;
    writeFileSync(config, `[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = ${database}\n`);
    const server = new Server(folder, ['--app-name', 'basic-auth'], {
      MLFLOW_AUTH_CONFIG_PATH: config,
      MLFLOW_AUTH_ADMIN_USERNAME: ADMIN.username,
      MLFLOW_AUTH_ADMIN_PASSWORD: ADMIN.password,
      MLFLOW_FLASK_SERVER_SECRET_KEY: 'of-the-browser-tests',
    });
    await server.resume();
    return server;
  }

  /** Starts a server on a copy of what another one, which is stopped, has left. */
  static async startOn(folder: string): Promise<Server> {
    const server = new Server(mkdtempSync(join(tmpdir(), 'oxflow-web.')), []);
    cpSync(folder, server.folder, { recursive: true });
    await server.resume();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#front?.port ?? this.#port}`;
  }

  /** Starts it again after `stop`, on the same port and database. */
  async resume(): Promise<void> {
    const started = spawn(
      binary(),
      [
        'server',
        '--port',
        String(this.#port),
        '--backend-store-uri',
        `sqlite:///${join(this.folder, 'mlflow.db')}`,
        '--artifacts-destination',
        join(this.folder, 'artifacts'),
        '--log-level',
        'warn',
        ...this.flags,
      ],
      {
        cwd: this.folder,
        env: { ...cleanEnvironment(), ...this.environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.#process = started;
    this.#port = await new Promise<number>((resolve, reject) => {
      let said = '';
      started.stdout?.on('data', (data: Buffer) => {
        said += data.toString();
        const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (port) resolve(Number(port));
      });
      started.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
      started.once('error', reject);
    });
    const pages = process.env.OXFLOW_WEB_DIST;
    if (pages) this.#front ??= await Front.start(pages, () => this.#port);
  }

  /** Fills it with `oxflow demo`. */
  async demo(...flags: string[]): Promise<void> {
    await run(binary(), ['demo', '--tracking-uri', this.url, ...flags], {
      env: cleanEnvironment(),
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  /** Ends the process; the data stay. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  /** Ends the process and removes the data. */
  async remove(): Promise<void> {
    await this.stop();
    this.#front?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
