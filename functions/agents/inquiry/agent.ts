export { inquiryAgent as agent } from "./inquiry-agent.ts";
