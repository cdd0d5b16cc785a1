import { CopyButton } from '../design/Values';
import styles from './CodeBlock.module.css';
import { scopeClass, useLines } from './lineColours';

interface Props {
  text: string;
  language: string | null;
  label?: string;
  canCopy?: boolean;
}

/** A short piece of code, all of it. */
export function CodeBlock({ text, language, label = 'Code', canCopy = false }: Props) {
  const lines = useLines(text, language);
  return (
    <div className={styles.block}>
      <pre tabIndex={0} aria-label={label} className="code-colours">
        <code>
          {lines.map((line, i) => (
            <span key={i}>
              {line.map((piece, j) => (
                <span key={j} className={piece.scope ? scopeClass(piece.scope) : undefined}>
                  {piece.text}
                </span>
              ))}
              {i < lines.length - 1 && '\n'}
            </span>
          ))}
        </code>
      </pre>
      {canCopy && <CopyButton text={text} label={`Copy: ${label}`} />}
    </div>
  );
}
