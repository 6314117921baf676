/**
 * Bundles have this module in place of `@aws-sdk/middleware-endpoint-discovery` (see bundling.ts), which DynamoDB's client
 * imports with an LRU cache, about 9 kB: no table of ours is found by discovery, and each Region's endpoint is fixed.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: false,
} as const;

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config;

export const getEndpointDiscoveryPlugin = () => ({ applyToStack: (): void => undefined });
