import { useLocation } from 'wouter';

/**
 * The path of an artifact in the page's address. Not from the router, which decodes half of an address: a file may be
 * named `100%25.txt` or `a#b`, and each of its names must lead to it.
 */
export function artifactPathOf(pathname: string): string {
  const found = /\/runs\/[^/]+\/artifacts\/(.*)$/.exec(pathname);
  return (found?.[1] ?? '').split('/').map(decoded).filter(Boolean).join('/');
}

/** The path of the artifact that the page's address names; changes with it. */
export function useArtifactPath(): string {
  useLocation();
  return artifactPathOf(location.pathname);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray percent sign that somebody typed.
    return segment;
  }
}
