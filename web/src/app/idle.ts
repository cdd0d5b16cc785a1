/** Does something once the page has nothing else to do: what is fetched then delays nobody. Returns what takes it back. */
export function whenIdle(work: () => void): () => void {
  // Safari has no idle callbacks.
  if (typeof requestIdleCallback !== 'function') {
    const timer = setTimeout(work, 2_000);
    return () => clearTimeout(timer);
  }
  let handle = 0;
  const begin = () => {
    handle = requestIdleCallback(work, { timeout: 10_000 });
  };
  if (document.readyState === 'complete') begin();
  else window.addEventListener('load', begin, { once: true });
  return () => {
    window.removeEventListener('load', begin);
    cancelIdleCallback(handle);
  };
}
