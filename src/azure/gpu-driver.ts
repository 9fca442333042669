/**
 * Who installs the GPU driver on the nodes of a pool. One owner only: with two, each undoes the other's work.
 *
 * @see https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
export enum GpuDriver {
  /** AKS does, with the node image. */
  INSTALL = 'Install',

  /** AKS does not: the NVIDIA GPU Operator, or whoever else, brings driver and device plugin. */
  NONE = 'None',
}
