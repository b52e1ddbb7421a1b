export function buildSessionHook(outdir?: string): Promise<void>;
