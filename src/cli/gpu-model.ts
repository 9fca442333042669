import { VmSize } from '../azure/vm-size';
import { AcceleratorKind } from '../azure/vm-size-spec';

/** Whether a size has GPUs, or a share of one. */
export function isGpu({ accelerator }: VmSize): boolean {
  return accelerator?.kind === AcceleratorKind.GPU;
}

/**
 * Whether the GPU, or other device, of a size is what somebody asks for: some words of its maker and model, written together or apart.
 *
 * `A10` is no `A100`, and `rtxpro6000` is `RTX PRO 6000`.
 */
export function matchesModel({ accelerator }: VmSize, asked: string): boolean {
  const words = accelerator === undefined ? [] : wordsOf(`${accelerator.vendor} ${accelerator.model}`);
  const wanted = wordsOf(asked).join('');
  return words.some((_, start) => words.some((_, end) => words.slice(start, end + 1).join('') === wanted));
}

/** Words by which people ask for a GPU: whole models, and such parts of them as `A100`. */
export const GPU_WORDS: readonly string[] = [
  ...new Set(
    VmSize.all()
      .filter(isGpu)
      .flatMap(({ accelerator }) => {
        const model = accelerator?.model ?? '';
        return [...model.split(/\s+/).filter((word) => /^[A-Z]+\d+[A-Z]*$/.test(word)), model];
      }),
  ),
];

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
