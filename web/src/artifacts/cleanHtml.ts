import createPurify from 'dompurify';

/** A cleaner of its own, so that its settings touch nobody else's. */
const purify = createPurify(window);

/** HTML that a notebook holds, such as a data frame, as nodes that can do no harm: text, tables, pictures in it. */
export function cleanHtml(html: string): DocumentFragment {
  const nodes = purify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: [
      'style',
      'form',
      'input',
      'button',
      'select',
      'textarea',
      'video',
      'audio',
      'source',
      'dialog',
    ],
    FORBID_ATTR: ['style', 'class', 'id', 'name', 'srcset', 'target', 'background', 'tabindex', 'role'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const image of nodes.querySelectorAll('img')) {
    // A picture of another server would tell it who reads.
    if (!/^data:image\/(png|jpeg|gif|webp|bmp)[;,]/i.test(image.getAttribute('src') ?? '')) image.remove();
  }
  for (const link of nodes.querySelectorAll('a, area')) {
    if (!/^(https?|mailto):/i.test(link.getAttribute('href') ?? '')) link.removeAttribute('href');
    link.setAttribute('rel', 'noopener noreferrer');
    link.setAttribute('target', '_blank');
  }
  return nodes;
}
