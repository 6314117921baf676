/** Resources of a template that change nothing on one machine, each with the reason. Any other unknown one is an error. */
export const WITHOUT_LOCAL_MEANING: Readonly<Record<string, string>> = {
  "AWS::Logs::LogGroup": "functions' output goes to the caller of the local runtime",
  "AWS::SNS::Subscription": "the local runtime sends no alarm notifications",
  "AWS::CDK::Metadata": "tells AWS which constructs a stack uses",
};
