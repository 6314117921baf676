/** The application that functions are bundled with. */
export { customerCareApplication as applicationDefinition } from "#flows/customer-care.ts";
