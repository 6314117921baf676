import { a2aAgent } from "event-spine/adapters/a2a";
import { desk } from "./desk.ts";

export const agent = a2aAgent(desk, {
  url: "https://agents.example.com/desk/jsonrpc",
  headers: () => ({ Authorization: `Bearer ${process.env["DESK_TOKEN"] ?? ""}` }),
});
