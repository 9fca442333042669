import { AcceleratorVendor, VmSize, VmSizeStatus } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { imageProblems, imageWarnings, parseTritonImage } from '../../src/triton/image-rules';
import { KEYLESS_SINCE, newestForDriver, newestForGpu, releaseOf, TRITON_RELEASES } from '../../src/triton/releases';
import { TRITON_IMAGE } from '../../src/triton/server';

const NVIDIA = 'nvcr.io/nvidia/tritonserver';
const ON = (size: VmSize) => ({ size, gpuDriverVersion: size.aksDriver });

describe('the releases', () => {
  test('are in order, newest first, each with its CUDA, and a date that fits its tag', () => {
    const tags = TRITON_RELEASES.map(({ tag }) => tag);

    expect(tags).toEqual([...new Set(tags)].sort().reverse());
    expect(TRITON_RELEASES.filter(({ cuda }) => !/^1[23]\.\d/.test(cuda))).toEqual([]);
    for (const { tag, date = '2999-01-01' } of TRITON_RELEASES) {
      expect(date > `20${tag.replace('.', '-')}`).toBe(true);
    }
  });

  test('include the one that services run by default, and the first that needs no key', () => {
    expect(parseTritonImage(TRITON_IMAGE)?.tag).toBe(TRITON_RELEASES[0]?.tag);
    expect(releaseOf(KEYLESS_SINCE)).toMatchObject({ date: '2026-05-27', minimumComputeCapability: 7.5 });
  });

  test('are found for what a GPU and a driver can run', () => {
    expect(newestForGpu(7.5)?.tag).toBe('26.10');
    expect(newestForGpu(7)?.tag).toBe('24.07');
    expect(newestForGpu(5.2)).toBeUndefined();
    expect(newestForDriver(580)?.tag).toBe('26.10');
    expect(newestForDriver(570)?.tag).toBe('25.07');
    expect(newestForDriver(470)).toBeUndefined();
  });

  test('that are not known yet are taken for the newest', () => {
    expect(releaseOf('27.01')?.tag).toBe('26.10');
    expect(releaseOf('25.05')).toBeUndefined();
  });
});

describe('an image', () => {
  test.each([
    [`${NVIDIA}:26.10-py3`, { tag: '26.10', variant: '-py3' }],
    [`${NVIDIA}:26.05-trtllm-python-py3`, { tag: '26.05', variant: '-trtllm-python-py3' }],
    [`${NVIDIA}:26.10-py3@sha256:0123abcd`, { tag: '26.10', variant: '-py3' }],
    [`${NVIDIA}:26.10`, { tag: '26.10', variant: '' }],
    [`${NVIDIA}:latest`, undefined],
    [NVIDIA, undefined],
    ['contoso.azurecr.io/tritonserver:26.10-py3', undefined],
    ['${azurerm_container_registry.own.login_server}/triton:1', undefined],
  ])('%s is read by its tag, and only where it is NVIDIA’s', (image, parts) => {
    expect(parseTritonImage(image)).toEqual(parts);
  });

  test('of somebody else is not judged', () => {
    const sizes = [VmSize.ND40RS_V2, VmSize.ND96ISR_MI300X_V5, VmSize.NV36ADS_A10_V5, VmSize.ND128ISR_GB300_V6];

    expect(sizes.flatMap((size) => imageProblems('contoso/triton:1', ON(size)))).toEqual([]);
    expect(sizes.flatMap((size) => imageWarnings('contoso/triton:1', ON(size)))).toEqual([]);
  });

  test('by default serves on every NVIDIA size that AKS runs but those of V100, which it names', () => {
    const sizes = VmSize.all().filter(
      ({ accelerator, gpusPerNode, status }) =>
        gpusPerNode > 0 && accelerator?.vendor === AcceleratorVendor.NVIDIA && status !== VmSizeStatus.RETIRED,
    );
    const refused = sizes.filter((size) => imageProblems(TRITON_IMAGE, ON(size)).length > 0);
    const warned = sizes.filter((size) => imageWarnings(TRITON_IMAGE, ON(size)).length > 0);

    expect(sizes.length).toBeGreaterThan(30);
    expect(refused.map(({ name }) => name)).toEqual(['Standard_ND40rs_v2']);
    expect(new Set(warned.map(({ accelerator }) => accelerator?.model))).toEqual(new Set(['A10']));
  });
});

describe('fails for', () => {
  test('a GPU that is too old for every release that needs no key', () => {
    const message = (tag: string) =>
      'the V100 NVLink of Standard_ND40rs_v2 has compute capability 7.0, and Triton from 26.05 on, the first release that ' +
      `reads models without a key, needs 7.5 or higher; got ${tag}, and 24.07 is the newest known to run on that GPU; take a ` +
      'size with a newer GPU, such as VmSize.NC4AS_T4_V3, or give an image of your own';

    expect(imageProblems(TRITON_IMAGE, ON(VmSize.ND40RS_V2))).toEqual([message('26.10')]);
    expect(imageProblems(`${NVIDIA}:24.07-py3`, ON(VmSize.ND40RS_V2))).toEqual([message('24.07')]);
    expect(imageWarnings(`${NVIDIA}:24.07-py3`, ON(VmSize.ND40RS_V2))).toEqual([]);
  });

  test('a release that needs a key', () => {
    expect(imageProblems(`${NVIDIA}:26.04-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([
      'Triton 26.04 reads models only with a key of the storage account, and the model store has none; got ' +
        `'${NVIDIA}:26.04-py3'; give 26.05 or later, such as '${NVIDIA}:26.10-py3'`,
    ]);
    expect(imageProblems(`${NVIDIA}:26.05-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([]);
    expect(imageProblems(`${NVIDIA}:27.01-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([]);
  });

  test('a GPU of AMD', () => {
    expect(imageProblems(TRITON_IMAGE, ON(VmSize.ND96ISR_MI300X_V5))).toEqual([
      "NVIDIA's Triton runs on no GPU of AMD, such as the Instinct MI300X of Standard_ND96isr_MI300X_v5; got " +
        `'${NVIDIA}:26.10-py3'; give the image of a server that was built for it`,
    ]);
  });

  test.each([
    ['-py3-sdk', 'clients of Triton and no server'],
    ['-py3-min', 'what one builds a server on and no server'],
  ])('the variant %s', (variant, content) => {
    expect(imageProblems(`${NVIDIA}:26.10${variant}`, ON(VmSize.NC4AS_T4_V3))).toEqual([
      `the image '${NVIDIA}:26.10${variant}' holds ${content}; give one that does, such as '${NVIDIA}:26.10-py3'`,
    ]);
  });

  test('nothing on a size that is retired or not known, which is refused itself', () => {
    for (const name of ['Standard_NC6s_v3', 'Standard_NC4as_T5']) {
      expect(imageProblems(TRITON_IMAGE, ON(VmSize.named(name)))).toEqual([]);
      expect(imageWarnings(TRITON_IMAGE, ON(VmSize.named(name)))).toEqual([]);
    }
  });
});

describe('warns of', () => {
  test('a driver that is older than the CUDA of the release asks for', () => {
    expect(imageWarnings(TRITON_IMAGE, ON(VmSize.NC8ADS_A10_V4))).toEqual([
      'AKS installs the driver 570.211.01 on Standard_NC8ads_A10_v4, and CUDA 13 of Triton 26.10 asks for 580 or higher, so ' +
        'the server may not find its GPU; 25.07 (CUDA 12.9) is the newest that surely runs on it, but none before 26.05 ' +
        'reads models without a key; try it first, or take a size with a newer driver, such as VmSize.NC4AS_T4_V3',
    ]);
  });

  test('nothing where the driver is not known', () => {
    expect(imageWarnings(TRITON_IMAGE, { size: VmSize.NC8ADS_A10_V4 })).toEqual([]);
  });

  test('a variant that may not be built for Arm64', () => {
    const image = `${NVIDIA}:26.10-trtllm-python-py3`;

    expect(imageWarnings(image, ON(VmSize.ND128ISR_GB300_V6))).toEqual([
      "the nodes of Standard_ND128isr_GB300_v6 are Arm64, and of NVIDIA's images only those that end in '-py3' right after " +
        `the release are known to be built for it; got '${image}'; look up its architectures, or give '${NVIDIA}:26.10-py3'`,
    ]);
    expect(imageWarnings(TRITON_IMAGE, ON(VmSize.ND128ISR_GB300_V6))).toEqual([]);
    expect(imageWarnings(image, ON(VmSize.NC24ADS_A100_V4))).toEqual([]);
  });
});
