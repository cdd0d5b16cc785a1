import { Component, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../design/Button';
import { Empty, ErrorNote } from '../design/States';

/** A page that fails leaves the navigation usable, and does not follow the reader to the next page. */
export function ErrorBoundary({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  return <Boundary place={path}>{children}</Boundary>;
}

interface Props {
  place: string;
  children: ReactNode;
}

interface State {
  /** In an object, as anything can be thrown. */
  failure: { error: unknown } | null;
  place: string;
}

class Boundary extends Component<Props, State> {
  override state: State = { failure: null, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failure: { error } };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.place === state.place ? null : { failure: null, place: props.place };
  }

  override render() {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    if (isMissingFile(failure.error)) return <Updated />;
    return <ErrorNote error={failure.error} onRetry={() => this.setState({ failure: null })} />;
  }
}

/** The files of the pages have new names in each version: those of an old page are gone after an update. */
function Updated() {
  return (
    <Empty icon="refresh" title="Oxflow was updated">
      <p>This page belongs to an older version. Reload it to go on.</p>
      <Button kind="primary" onClick={() => location.reload()}>
        Reload
      </Button>
    </Empty>
  );
}

/** What Chromium, Firefox, Safari and Vite say of a module or style sheet that is not there. */
function isMissingFile(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|Importing a module script failed|Unable to preload CSS/i.test(error.message)
  );
}
