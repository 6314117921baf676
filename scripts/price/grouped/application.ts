import { contractOf, type Contract } from "#core/contract.ts";
import { contractsOf, type ApplicationDefinition } from "#core/flow/application.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { customerCareApplication } from "#flows/customer-care.ts";

export const GROUP = "care";

const grouped = (contract: Contract): Contract =>
  contractOf({ ...contract, spec: { ...contract.spec, group: GROUP } });

/** The sample application with all its agents in one group. */
export const applicationDefinition: ApplicationDefinition = {
  ...customerCareApplication,
  agents: contractsOf(customerCareApplication).map(grouped),
  // Plans are plain data; a copy forgets the contracts that it was built with.
  flows: JSON.parse(JSON.stringify(customerCareApplication.flows)) as readonly FlowDefinition[],
};
