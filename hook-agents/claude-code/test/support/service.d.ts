export interface Service {
    readonly url: string;
    kill(signal: NodeJS.Signals): Promise<void>;
}
/** The real service as a process of its own. @param port 0: any */
export declare function startService(storagePath: string, port?: number): Promise<Service>;
export interface WireEvent {
    readonly sessionId?: string;
    readonly offset: number;
    readonly type: string;
    readonly data: Record<string, unknown>;
}
export declare function readEvents(url: string, sessionId: string): Promise<WireEvent[]>;
/**
 * Follows the live feed of a session, `*` for all, until the event is there.
 * @returns everything up to it
 */
export declare function waitForEvent(url: string, sessionId: string, isIt: (event: WireEvent) => boolean): Promise<WireEvent[]>;
