/** The application that functions are bundled with when nobody names another: see `#application` in package.json. */
export { customerCareApplication as applicationDefinition } from "./customer-care.ts";
