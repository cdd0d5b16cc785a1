/** Where the server serves the pages: empty for `/`, or `/mlflow` below a prefix. */
export const base = new URL(document.baseURI).pathname.replace(/\/$/, '');
