import licences from 'virtual:licences';
import styles from './AboutPage.module.css';

/** The packages that the pages are built from, each with the text of its licence. */
export default function Licences() {
  return (
    <div className={styles.licences}>
      {licences.map(({ name, version, licence, text }) => (
        <details key={name}>
          <summary>
            <span>{name}</span> {version} <span className={styles.licence}>{licence}</span>
          </summary>
          <pre tabIndex={0}>{text || `See the licence ${licence}.`}</pre>
        </details>
      ))}
    </div>
  );
}
