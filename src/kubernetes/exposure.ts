/** From where a service is reached. */
export enum Exposure {
  /** From inside the cluster alone: from pods of the service's namespace and of `callerNamespaces`. */
  CLUSTER = 'cluster',

  /** From the virtual network of the cluster and what is joined to it, at a private address of an internal load balancer. */
  INTERNAL = 'internal',

  /** From the internet, at a public address. Refused without TLS: keys would travel in clear for everyone to read. */
  PUBLIC = 'public',
}
