/** Where the server serves the pages: empty for `/`, or `/mlflow` below a prefix. */
export const base = new URL(document.baseURI).pathname.replace(/\/$/, '');

/** Where this server is, for programs: without a slash at the end. */
export const serverAddress = () => document.baseURI.replace(/\/[^/]*$/, '');
