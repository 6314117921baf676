/** Tests that run the deployed template with its roles' rights on this machine; together they go every way that there is. */
export const SCENARIOS = [
  "test/local/every-way",
  "test/local/large-sessions",
  "test/local/listed",
  "test/local/live-output",
  "test/local/over-quota",
  "test/local/personal",
  "test/local/questions",
  "test/local/recovery",
  "test/local/retention",
  "test/local/scorers",
  "test/scenarios/event-stream",
  "test/scenarios/start-http",
] as const;
