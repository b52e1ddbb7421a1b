import { checkClaudeCode } from "./applications/claude-code.ts";
import { checkCustomerComm } from "./applications/customer-comm.ts";
import { checkEmailSolver, mails } from "./applications/email-solver.ts";
import type { Checks } from "./checks.ts";
import type { Told } from "./told.ts";

export const applications = ["customer-comm", "email-solver", "claude-code"] as const;
export type Application = (typeof applications)[number];

export interface Expectation {
  readonly application: Application;
  readonly sessionId: string;
  /** What its agent has to have done. */
  readonly check: (checks: Checks, told: Told) => void;
}

/** The sessions that docker-compose.test.yml leaves behind. */
export function expectationsOf(
  timestamp: string,
  wanted: readonly Application[] = applications,
): Expectation[] {
  const all: Expectation[] = [
    {
      application: "customer-comm",
      sessionId: `test-customer-${timestamp}`,
      check: checkCustomerComm,
    },
    ...Object.entries(mails).map(([name, mail]): Expectation => ({
      application: "email-solver",
      sessionId: `test-email-${timestamp}-${name}`,
      check: (checks, told) => checkEmailSolver(checks, told, mail),
    })),
    { application: "claude-code", sessionId: `test-claude-${timestamp}`, check: checkClaudeCode },
  ];
  return all.filter(({ application }) => wanted.includes(application));
}
