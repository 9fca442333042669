export * from './addons-stack';
export * from './cluster-stack';
export * from './foundation-stack';
export * from './inference-platform';
export * from './platform-stack';
export * from './serving-stack';
export * from './state-backend';
