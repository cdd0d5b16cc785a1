/** What a client logs, through the REST API. */

export interface Point {
  key: string;
  value: number | string;
  step: number;
  timestamp: number;
}

export interface Login {
  username: string;
  password: string;
}

export class Api {
  readonly #headers: Record<string, string>;

  constructor(
    readonly url: string,
    login?: Login,
  ) {
    const pair = login && Buffer.from(`${login.username}:${login.password}`).toString('base64');
    this.#headers = pair ? { Authorization: `Basic ${pair}` } : {};
  }

  /** Answers with the status of a GET. */
  async status(path: string): Promise<number> {
    return (await fetch(`${this.url}/api/2.0/mlflow/${path}`, { headers: this.#headers })).status;
  }

  async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.url}/api/2.0/mlflow/${path}`, {
      method,
      headers: { ...this.#headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  async experiment(name: string): Promise<string> {
    return (await this.call<{ experiment_id: string }>('POST', 'experiments/create', { name })).experiment_id;
  }

  async experimentId(name: string): Promise<string> {
    const found = await this.call<{ experiment: { experiment_id: string } }>(
      'GET',
      `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`,
    );
    return found.experiment.experiment_id;
  }

  async run(
    experiment: string,
    name: string,
    data: {
      params?: Record<string, string>;
      metrics?: Point[];
      tags?: Record<string, string>;
      status?: string;
    } = {},
  ): Promise<string> {
    const pairs = (of: Record<string, string> = {}) =>
      Object.entries(of).map(([key, value]) => ({ key, value }));
    const made = await this.call<{ run: { info: { run_id: string } } }>('POST', 'runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: Date.now() - 60_000,
      tags: pairs(data.tags),
    });
    const id = made.run.info.run_id;
    await this.log(id, data.metrics ?? [], data.params);
    const status = data.status ?? 'FINISHED';
    if (status !== 'RUNNING') await this.finish(id, status);
    return id;
  }

  async log(runId: string, metrics: Point[], params: Record<string, string> = {}): Promise<void> {
    const of = Object.entries(params).map(([key, value]) => ({ key, value }));
    for (let from = 0; from === 0 || from < metrics.length; from += 1000) {
      const body = { run_id: runId, metrics: metrics.slice(from, from + 1000), params: from ? [] : of };
      await this.call('POST', 'runs/log-batch', body);
    }
  }

  async finish(runId: string, status = 'FINISHED'): Promise<void> {
    await this.call('POST', 'runs/update', { run_id: runId, status, end_time: Date.now() });
  }

  async upload(experiment: string, runId: string, path: string, content: string | Uint8Array): Promise<void> {
    const place = path.split('/').map(encodeURIComponent).join('/');
    const answer = await fetch(
      `${this.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/${runId}/artifacts/${place}`,
      { method: 'PUT', headers: this.#headers, body: content as BodyInit },
    );
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  }
}
