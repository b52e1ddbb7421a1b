import { useState } from "preact/hooks";

import { useApp } from "../core/context.ts";
import { isKeyRefused, useKey } from "../core/key.ts";

/** Asked for when the service wants a key. */
export function KeyForm() {
  const { live } = useApp();
  const [key, setKey] = useState("");
  return (
    <form
      class="message key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() === "") return;
        useKey(key.trim());
        live.connect();
      }}
    >
      <h1>This service asks for a key</h1>
      {isKeyRefused.value && <p role="alert">The service does not know that key.</p>}
      <p>
        It is one of the keys in <code>API_KEYS</code>. With docker compose one was made at the
        first start:{" "}
        <code>docker compose exec -T session-storage cat /var/session-keys/api-keys</code>
      </p>
      <label class="field">
        <span>API key</span>
        <input
          type="password"
          autoComplete="off"
          spellcheck={false}
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      <button type="submit" class="is-primary">
        Use this key
      </button>
      <p class="quiet">It is kept in this tab only, and forgotten when the tab is closed.</p>
    </form>
  );
}
