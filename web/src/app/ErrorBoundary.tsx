import { Component, type ReactNode } from 'react';
import { ErrorNote } from '../design/States';

/** A page that fails leaves the navigation usable. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ErrorNote error={this.state.error} onRetry={() => this.setState({ error: null })} />;
  }
}
