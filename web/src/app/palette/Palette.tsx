import { useEffect, useState } from 'react';
import { announce } from '../../design/announce';
import { Icon } from '../../design/Icon';
import { wordsOf } from '../../design/marks';
import { Highlight } from '../../design/Highlight';
import { inWords } from '../../design/States';
import { keyCaps } from '../keys';
import { isMac } from '../shortcuts';
import type { Found } from './found';
import styles from './Palette.module.css';
import { PaletteField } from './PaletteField';
import { useFound } from './useFound';

interface Props {
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
  onShortcuts: () => void;
}

/** Search over everything: type, choose with the arrows, Enter. Source: the ARIA practices' combobox with a listbox. */
export default function Palette({ text, onText, onClose, onShortcuts }: Props) {
  const [chosenId, setChosenId] = useState<string | null>(null);
  const { groups, isBusy, error } = useFound(text, onShortcuts);
  const items = groups.flatMap((group) => group.items);
  const chosen = items.find((item) => item.id === chosenId) ?? items[0];
  const words = wordsOf(text);

  useEffect(() => {
    if (chosen) document.getElementById(optionId(chosen))?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  useEffect(() => {
    if (!text || isBusy) return;
    announce(`${items.length} found`);
  }, [text, isBusy, items.length]);

  const choose = (item: Found) => {
    onClose();
    item.run();
  };
  const move = (by: number) => {
    if (!chosen) return;
    const next = items[(items.indexOf(chosen) + by + items.length) % items.length];
    setChosenId(next?.id ?? null);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && chosen) choose(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <PaletteField
      text={text}
      onText={(next) => {
        onText(next);
        setChosenId(null);
      }}
      onClose={onClose}
      field={{
        role: 'combobox',
        'aria-expanded': items.length > 0,
        'aria-controls': 'palette-list',
        'aria-autocomplete': 'list',
        'aria-activedescendant': chosen && optionId(chosen),
        onKeyDown,
      }}
    >
      <div id="palette-list" role="listbox" aria-label="Found" className={styles.list}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title}>
            <p aria-hidden="true" className={styles.title}>
              {group.title}
            </p>
            {group.items.map((item) => (
              <div
                key={item.id}
                id={optionId(item)}
                role="option"
                tabIndex={-1}
                aria-selected={item === chosen}
                className={styles.option}
                onPointerMove={() => setChosenId(item.id)}
                onClick={() => choose(item)}
                onKeyDown={onKeyDown}
              >
                <Icon name={item.icon} />
                <span className={styles.label}>
                  <Highlight text={item.label} words={words} />
                </span>
                {item.detail && <span className={styles.detail}>{item.detail}</span>}
                {item.keys && <kbd>{keyCaps(item.keys, isMac).flat().join(' ')}</kbd>}
              </div>
            ))}
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <p className={styles.none}>
          {isBusy ? 'Searching…' : error ? inWords(error).title : 'Nothing has this in its name.'}
        </p>
      )}
    </PaletteField>
  );
}

const optionId = (item: Found) => `palette-${item.id}`;
