import createPurify from 'dompurify';
import { marked } from 'marked';

const TAGS = [
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'blockquote', 'pre', 'code'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'input', 'details', 'summary'],
  ...['a', 'img', 'strong', 'b', 'em', 'i', 'del', 's', 'sub', 'sup', 'kbd', 'mark', 'span'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

const ATTRIBUTES = [
  'href',
  'src',
  'alt',
  'title',
  'align',
  'colspan',
  'rowspan',
  'start',
  'checked',
  'type',
  'open',
];

/** A cleaner of its own, so that its hooks touch nobody else's. */
const purify = createPurify(window);

/** Markdown as nodes that can do no harm: what is not allowed is left out, text stays. */
export function renderMarkdown(text: string, base: string = document.baseURI): DocumentFragment {
  // A template's document is inert: nothing in it is loaded or run before it has been cleaned.
  const html = marked.parse(text, { async: false, gfm: true, breaks: false });
  const nodes = purify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of nodes.querySelectorAll('a')) setLink(link, base);
  for (const image of nodes.querySelectorAll('img')) setImage(image, base);
  for (const input of nodes.querySelectorAll('input')) setBox(input);
  for (const pre of nodes.querySelectorAll('pre')) pre.tabIndex = 0;
  // The page has the only h1.
  for (const heading of nodes.querySelectorAll('h1, h2, h3')) lower(heading);
  return nodes;
}

function setLink(link: HTMLAnchorElement, base: string) {
  const href = link.getAttribute('href');
  const url = href === null ? null : parsed(href, base);
  if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol)) {
    link.removeAttribute('href');
    return;
  }
  link.href = url.href;
  link.rel = 'noopener noreferrer';
  if (url.origin !== location.origin) link.target = '_blank';
}

/** A picture of another server would tell it who reads: there is a link instead, which somebody has to press. */
function setImage(image: HTMLImageElement, base: string) {
  const source = image.getAttribute('src') ?? '';
  const url = parsed(source, base);
  if (url && (url.origin === location.origin || /^data:image\/(png|jpeg|gif|webp|bmp);/i.test(source))) {
    image.src = url.href;
    // Without, screen readers read its address out.
    image.alt ||= '';
    image.loading = 'lazy';
    return;
  }
  const link = document.createElement('a');
  link.textContent = image.alt || source;
  if (url) link.setAttribute('href', url.href);
  setLink(link, base);
  image.replaceWith(link);
}

/** Boxes are those of task lists: they show, they cannot be pressed. */
function setBox(input: HTMLInputElement) {
  if (input.type !== 'checkbox') input.remove();
  input.disabled = true;
  const item = input.closest('li');
  input.setAttribute('aria-label', item?.textContent?.trim() ?? 'Task');
}

function lower(heading: Element) {
  const level = Number(heading.tagName.charAt(1)) + 2;
  const lowered = document.createElement(`h${level}`);
  lowered.append(...heading.childNodes);
  heading.replaceWith(lowered);
}

function parsed(address: string, base: string): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
