export { inquiryAgent as agent } from "./inquiry.ts";
