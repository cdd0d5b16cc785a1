import { useLayoutEffect, useRef } from 'react';
import { renderMarkdown } from './renderMarkdown';

interface Props {
  text: string;
  base?: string;
  className: string;
}

export default function RenderedMarkdown({ text, base, className }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.replaceChildren(renderMarkdown(text, base));
  }, [text, base]);
  return <div ref={place} className={className} />;
}
