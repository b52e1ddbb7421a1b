import { useEffect, useRef, useState } from "preact/hooks";

import { plain } from "../core/plain.ts";

/** Past this a text is shown as it is: nobody reads so much, and parsing it would hold up the page. */
const longestText = 100_000;

/**
 * An agent's markdown. The renderer and its sanitiser come with the first one that is shown;
 * until then, and when they can't be loaded, the text itself stands here.
 */
export function Markdown({ text }: { text: string }) {
  const element = useRef<HTMLDivElement>(null);
  const [isRendered, setRendered] = useState(false);
  const clean = plain(text);
  useEffect(() => {
    if (clean.length > longestText) {
      element.current?.replaceChildren();
      return setRendered(false);
    }
    let isCurrent = true;
    import("./render-markdown.ts").then(
      ({ renderMarkdown }) => {
        if (!isCurrent || !element.current) return;
        element.current.replaceChildren(renderMarkdown(clean));
        setRendered(true);
      },
      // The text is there already.
      () => setRendered(false),
    );
    return () => {
      isCurrent = false;
    };
  }, [clean]);
  return (
    <>
      <div class="prose" ref={element} />
      {!isRendered && <p class="prose is-text">{clean}</p>}
    </>
  );
}
