/** The bytes of artifacts: MLflow's get-artifact, upload and its proxy. */

import { OF_PAGES } from './early';
import { bytes } from '../format/number';
import { address, ApiError, fetchAnswer, login, type Query, refusal } from './http';
import { MODELS_FOLDER, modelPath } from './modelPaths';

/** Most bytes of MLflow's `upload-artifact`, by which files get to a place that the server's proxy does not reach. */
export const SMALL_UPLOAD_BYTES = 10 * 1024 * 1024;

/** The endpoint for a file of a run, or of a model that it has logged. */
function whereIs(runId: string, path: string): { endpoint: string; query: Query } {
  const model = modelPath(path);
  return model
    ? {
        endpoint: `ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(model.modelId)}/artifacts/files`,
        query: { artifact_file_path: model.path },
      }
    : { endpoint: 'get-artifact', query: { run_id: runId, path } };
}

/** Where the browser gets a file from. */
export function artifactAddress(runId: string, path: string): string {
  const { endpoint, query } = whereIs(runId, path);
  return address(endpoint, query);
}

/** The bytes of a file, or of a range of it, whose end is not in it; `Infinity`: until the file's end. */
export async function artifactBytes(
  runId: string,
  path: string,
  range: { from: number; to: number } | null,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (range && range.to <= range.from) return new Uint8Array();
  const last = range && Number.isFinite(range.to) ? range.to - 1 : '';
  let answer: Response;
  try {
    const { endpoint, query } = whereIs(runId, path);
    answer = await fetchAnswer(endpoint, {
      query,
      accept: '*/*',
      signal,
      ...(range && { headers: { Range: `bytes=${range.from}-${last}` } }),
    });
  } catch (error) {
    // The file ends before the range begins.
    if (range && error instanceof ApiError && error.status === 416) return new Uint8Array();
    throw error;
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  // A store without ranges sends all of it.
  return range && answer.status === 200 ? bytes.slice(range.from, range.to) : bytes;
}

/**
 * The path in the server's own store, if the run's artifacts are in it: what its proxy is asked for. As the server reads a
 * stored URI: without host and query, decoded once.
 */
export function proxiedPath(artifactUri: string, path: string): string | null {
  if (path === MODELS_FOLDER || modelPath(path)) return null;
  const encoded = /^mlflow-artifacts:(?:\/\/[^/?#]*)?([^?#]*)/i.exec(artifactUri)?.[1];
  if (encoded === undefined) return null;
  const segments = decoded(encoded)?.split('/').filter(Boolean);
  // The browser would take such a step, and ask for another place.
  if (!segments || segments.some((one) => one === '.' || one === '..')) return null;
  return [...segments, path].filter(Boolean).join('/');
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const proxyPath = (path: string) =>
  `api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;

const proxyAddress = (path: string) => address(proxyPath(path));

/** The address that the files of a folder are below, if the server's own store has them; with a slash at its end. */
export function folderAddress(artifactUri: string, folder: string): string | null {
  const proxied = proxiedPath(artifactUri, folder);
  return proxied === null ? null : `${proxyAddress(proxied)}/`;
}

export interface Upload {
  runId: string;
  artifactUri: string;
  path: string;
  file: File;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

/** Stores a file in a run. By XMLHttpRequest, which alone tells how much has been sent. */
export function uploadArtifact(upload: Upload): Promise<void> {
  const { runId, artifactUri, path, file, onProgress, signal } = upload;
  const proxied = proxiedPath(artifactUri, path);
  if (proxied === null && file.size > SMALL_UPLOAD_BYTES)
    return Promise.reject(new ApiError(400, 'TOO_LARGE', tooLarge(file.size, artifactUri)));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    // MLflow takes the id of the run by its old name too; the path is the file's own.
    const [method, href] =
      proxied === null
        ? ['POST', address('ajax-api/2.0/mlflow/upload-artifact', { run_uuid: runId, path })]
        : ['PUT', proxyAddress(proxied)];
    request.open(method, href);
    for (const [name, value] of Object.entries(OF_PAGES)) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      const { status, responseText: text } = request;
      if (status === 401) login.end();
      if (status >= 200 && status < 300) resolve();
      else {
        const header = (name: string) => request.getResponseHeader(name);
        void refusal({ status, text, header, method, href, body: null }).then((error) =>
          reject(error.code === 'HTTP_413' ? new ApiError(413, error.code, ON_THE_WAY) : error),
        );
      }
    };
    request.onerror = () => reject(new ApiError(0, 'NO_ANSWER', 'The server does not answer.'));
    request.onabort = () => reject(new DOMException('Cancelled', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** Why a file stays here, and how it gets there. */
export function tooLarge(size: number, artifactUri: string): string {
  return (
    `The file has ${bytes(size)}. The artifacts of this run are at ${artifactUri}, not in the server's own store ` +
    `(mlflow-artifacts:/), and pages upload ${bytes(SMALL_UPLOAD_BYTES)} at most to such a place. ` +
    'mlflow.log_artifact uploads files of any size.'
  );
}

/** A 413 that is not the server's own, which would say why itself. */
const ON_THE_WAY =
  'A proxy in front of the server lets no file of this size through. Whoever runs it can raise its limit ' +
  '(client_max_body_size of nginx, for one).';

/** Deletes a file or folder in the server's own store. */
export async function deleteArtifact(artifactUri: string, path: string): Promise<void> {
  const proxied = proxiedPath(artifactUri, path);
  if (!proxied || !path) throw new ApiError(400, 'NOT_PROXIED', 'This store is not the server’s own.');
  await fetchAnswer(proxyPath(proxied), { method: 'DELETE' });
}
