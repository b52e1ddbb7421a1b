export interface Answer {
  status: number;
  headers: Headers;
  // Tests read what they expect to be there; a wrong answer fails them at the assertion.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** JSON in, JSON out, nothing thrown for a refusal. */
export function createClient(url: string, headers: Record<string, string> = {}) {
  async function call(method: string, path: string, body?: unknown, more = {}): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
        ...more,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /\bjson\b|\+json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== "" ? JSON.parse(text) : text,
    };
  }

  return {
    get: (path: string, more?: object) => call("GET", path, undefined, more),
    post: (path: string, body: unknown, more?: object) => call("POST", path, body, more),
    patch: (path: string, body: unknown, more?: object) => call("PATCH", path, body, more),
    delete: (path: string) => call("DELETE", path),
    create: (sessionId: string, more = {}) => call("POST", "/api/sessions", { sessionId, ...more }),
    act: (sessionId: string, record: object = {}) =>
      call("POST", `/api/actions/${sessionId}`, { type: "step", ...record }),
  };
}
