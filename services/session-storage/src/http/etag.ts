export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The versions that an If-Match header (RFC 9110, 13.1.1) accepts.
 * @returns undefined when any will do
 */
export function matchVersions(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  return header.split(",").flatMap((tag) => {
    const version = /^\s*"(\d+)"\s*$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}
