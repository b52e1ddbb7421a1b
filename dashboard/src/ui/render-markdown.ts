import createDOMPurify from "dompurify";
import { Marked } from "marked";

const escaped: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => escaped[character] ?? "");

/** HTML inside of markdown is shown as the text it is, and a picture as its description. */
const marked = new Marked({
  gfm: true,
  // What a person typed on two lines was meant so.
  breaks: true,
  async: false,
  renderer: { html: ({ text }) => escape(text), image: ({ text }) => escape(text) },
});
const purify = createDOMPurify(window);

/** What a text needs; nothing that loads, submits, styles or names something of the page. */
const allowedTags =
  "p br hr h1 h2 h3 h4 h5 h6 strong em del code pre blockquote ul ol li table thead tbody tr th td a span".split(
    " ",
  );

purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  node.setAttribute("rel", "noopener noreferrer nofollow");
  node.setAttribute("target", "_blank");
});

/** Markdown as nodes that can't do anything: the only way from an agent's text to elements. */
export function renderMarkdown(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false });
  const fragment = purify.sanitize(html, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: ["href", "start"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^https?:/i,
    RETURN_DOM_FRAGMENT: true,
  });
  // The page's headings are its own: those of a text would turn its outline upside down.
  for (const heading of fragment.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const paragraph = document.createElement("p");
    paragraph.className = "prose-head";
    paragraph.append(...heading.childNodes);
    heading.replaceWith(paragraph);
  }
  // What scrolls can be reached with the keyboard.
  for (const pre of fragment.querySelectorAll("pre")) pre.tabIndex = 0;
  return fragment;
}
