import { tool } from "@langchain/core/tools";
import * as z from "zod";

const schema = z.object({ order: z.string().describe("the order's number") });

/** Stands in for the shop's systems. The ledger is asleep when it is asked first, as such systems are. */
export function createShop() {
  let ledgerCalls = 0;

  const findOrder = tool(
    ({ order }) =>
      JSON.stringify({
        order,
        items: [{ name: "desk lamp", ordered: 2, shipped: 1 }],
        carrier: "parcel 0087-1",
      }),
    { name: "find_order", description: "What was ordered and what was shipped", schema },
  );

  const findPayments = tool(
    ({ order }) => {
      ledgerCalls += 1;
      if (ledgerCalls === 1) throw new Error("the ledger did not answer within 2 s");
      return JSON.stringify({
        order,
        charges: [
          { day: "03", amount: "118.00 EUR" },
          { day: "04", amount: "118.00 EUR" },
        ],
      });
    },
    { name: "find_payments", description: "What was charged for an order", schema },
  );

  return { findOrder, findPayments };
}
export type Shop = ReturnType<typeof createShop>;
