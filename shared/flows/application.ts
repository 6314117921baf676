import { contractsOf, type ApplicationDefinition } from "#core/flow/application.ts";
import { customerCareApplication } from "./customer-care.ts";

/** The application that functions bundle as `#application`, with the contracts that its flows were built with. */
export const applicationDefinition: ApplicationDefinition = {
  ...customerCareApplication,
  agents: contractsOf(customerCareApplication),
};
