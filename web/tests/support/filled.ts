/** Before all tests: what `oxflow demo` makes, once; each worker gets a copy. */

import { Server } from './server';

export default async function fill() {
  const server = await Server.start();
  await server.demo();
  await server.stop();
  process.env.OXFLOW_WEB_DEMO = server.folder;
  return () => server.remove();
}
