import { AcceleratorVendor, VmSize, VmSizeStatus } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { imageProblems, imageWarnings, parseTritonImage } from '../../src/triton/image-rules';
import { ModelLoading } from '../../src/triton/model-loading';
import { KEYLESS_SINCE, OLDEST_RELEASE, releaseOf, releasesFor, TRITON_RELEASES } from '../../src/triton/releases';
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

  test('go back to the oldest that a service may have, without a gap', () => {
    expect(TRITON_RELEASES.at(-1)?.tag).toBe(OLDEST_RELEASE);
    expect(TRITON_RELEASES).toHaveLength(25);
  });

  test.each([
    [{ computeCapability: 7.5 }, ['26.10', '24.10']],
    [{ computeCapability: 7 }, ['24.10', '24.10']],
    [{ computeCapability: 9 }, ['26.10', '24.10']],
    [{ computeCapability: 10.3 }, ['26.10', '25.01']],
    [{ computeCapability: 12 }, ['26.10', '25.01']],
    [{ computeCapability: 5.2 }, []],
    [{ driverBranch: 580 }, ['26.10', '24.10']],
    [{ driverBranch: 570 }, ['25.07', '24.10']],
    [{ driverBranch: 525 }, ['25.07', '24.10']],
    [{ driverBranch: 524 }, []],
    [{ computeCapability: 12, driverBranch: 570 }, ['25.07', '25.01']],
    [{}, ['26.10', '24.10']],
  ])('are found for what a GPU and a driver can run: %o', (nodes, ends) => {
    const found = releasesFor(nodes).map(({ tag }) => tag);

    expect([...found.slice(0, 1), ...found.slice(-1)]).toEqual(ends);
  });

  test('whose floor is not known run where the newest does, and nobody knows whether below', () => {
    const found = (computeCapability: number) => releasesFor({ computeCapability }).map(({ tag }) => tag);

    expect(found(7.5)).toHaveLength(TRITON_RELEASES.length);
    expect(found(7)).toEqual(['24.10']);
  });

  test('that are not known yet are taken for the newest', () => {
    expect(releaseOf('27.01')?.tag).toBe('26.10');
    expect(releaseOf('24.09')).toBeUndefined();
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
  test('a GPU that is too old for every release that needs no key, with the way that does', () => {
    const message = (tag: string, way: string) =>
      'the V100 NVLink of Standard_ND40rs_v2 has compute capability 7.0, and Triton from 26.05 on, the first release that ' +
      `reads models without a key, needs 7.5 or higher; got ${tag}, and 24.10 is the newest known to run on that GPU; ${way} ` +
      'loading: ModelLoading.DOWNLOAD or ModelLoading.MOUNT, take a size with a newer GPU, such as VmSize.NC4AS_T4_V3, or ' +
      'give an image of your own';

    expect(imageProblems(TRITON_IMAGE, ON(VmSize.ND40RS_V2))).toEqual([
      message('26.10', `give the image '${NVIDIA}:24.10-py3' with`),
    ]);
    expect(imageProblems(`${NVIDIA}:24.10-py3`, ON(VmSize.ND40RS_V2))).toEqual([message('24.10', 'take')]);
    expect(imageWarnings(`${NVIDIA}:24.10-py3`, ON(VmSize.ND40RS_V2))).toEqual([]);
  });

  test('a release that needs a key, with both ways out', () => {
    expect(imageProblems(`${NVIDIA}:26.04-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([
      'Triton 26.04 reads models only with a key of the storage account, and the model store has none; got ' +
        `'${NVIDIA}:26.04-py3'; give 26.05 or later, such as '${NVIDIA}:26.10-py3', or take loading: ModelLoading.DOWNLOAD ` +
        'or ModelLoading.MOUNT',
    ]);
    expect(imageProblems(`${NVIDIA}:26.05-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([]);
    expect(imageProblems(`${NVIDIA}:27.01-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([]);
  });

  test('a release that needs a key, with both ways out though its floor is not known', () => {
    expect(imageProblems(`${NVIDIA}:24.12-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([
      expect.stringMatching(/, or take loading: ModelLoading\.DOWNLOAD or ModelLoading\.MOUNT$/),
    ]);
  });

  test('a release that needs a key, without a way that GPU or driver would not go', () => {
    expect(imageProblems(`${NVIDIA}:24.10-py3`, ON(VmSize.ND128ISR_GB300_V6))).toEqual([
      expect.stringMatching(/give 26\.05 or later, such as '.*:26\.10-py3'$/),
    ]);
    expect(imageProblems(`${NVIDIA}:26.04-py3`, ON(VmSize.NC8ADS_A10_V4))).toEqual([
      expect.stringMatching(
        /give 26\.05 or later, .*, or give the image '.*:25\.07-py3' with loading: ModelLoading\.DOWNLOAD or ModelLoading\.MOUNT$/,
      ),
    ]);
    expect(imageProblems(`${NVIDIA}:20.07-py3`, ON(VmSize.NC4AS_T4_V3))).toEqual([
      expect.stringMatching(/give 26\.05 or later, such as '.*:26\.10-py3'$/),
    ]);
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

  describe.each([ModelLoading.DOWNLOAD, ModelLoading.MOUNT])(
    'models that Triton does not read itself (%s)',
    (loading) => {
      const problems = (tag: string, size: VmSize) => imageProblems(`${NVIDIA}:${tag}-py3`, ON(size), loading);

      test.each([
        ['25.02', VmSize.NC4AS_T4_V3],
        ['24.10', VmSize.ND40RS_V2],
        ['24.12', VmSize.ND40RS_V2],
        ['24.10', VmSize.NC8ADS_A10_V4],
        ['25.07', VmSize.NC8ADS_A10_V4],
        ['25.01', VmSize.ND128ISR_GB300_V6],
        ['26.10', VmSize.NC4AS_T4_V3],
        ['27.01', VmSize.NC4AS_T4_V3],
      ])('and nothing else on Triton %s and %o', (tag, size) => {
        expect(problems(tag, size)).toEqual([]);
      });

      test('on a GPU that is older than the release takes, with the nearest that would do', () => {
        expect(problems('26.10', VmSize.ND40RS_V2)).toEqual([
          'the V100 NVLink of Standard_ND40rs_v2 has compute capability 7.0, and Triton 26.10 needs 7.5 or higher; give ' +
            `'${NVIDIA}:24.10-py3', the one release known to run on that GPU and its driver, take a size with a newer GPU, such ` +
            'as VmSize.NC4AS_T4_V3, or give an image of your own',
        ]);
        expect(problems('25.07', VmSize.ND40RS_V2)).toHaveLength(1);
      });

      test('on a GPU that the release has no code for', () => {
        expect(problems('24.12', VmSize.ND128ISR_GB300_V6)).toEqual([
          expect.stringMatching(
            /has compute capability 10\.3, and Triton 24\.12 has no code for more than 9\.0; give 25\.01 or later, such as '.*:26\.10-py3'$/,
          ),
        ]);
      });

      test('on a release that is older than services know how to start', () => {
        expect(problems('20.07', VmSize.NC4AS_T4_V3)).toEqual([
          'Triton 20.07 is older than 24.10, the oldest release that a service knows how to start; got ' +
            `'${NVIDIA}:20.07-py3'; give 24.10 or later, such as '${NVIDIA}:26.10-py3'`,
        ]);
        expect(problems('20.07', VmSize.ND40RS_V2)).toEqual([
          expect.stringMatching(
            /got '.*'; give '.*:24\.10-py3', the one release known to run on that GPU and its driver, take/,
          ),
        ]);
        expect(problems('24.09', VmSize.NC8ADS_A10_V4)).toEqual([
          expect.stringMatching(
            /got '.*'; give 24\.10 to 25\.07, such as '.*:25\.07-py3', take a size with a newer GPU/,
          ),
        ]);
      });

      test('on a GPU that none of them runs on', () => {
        const bare = { name: 'Standard_Old', status: VmSizeStatus.AVAILABLE };
        const accelerator = { ...VmSize.ND40RS_V2.accelerator, model: 'M60', computeCapability: 5.2 };
        const size = Object.assign(Object.create(VmSize.ND40RS_V2), bare, { accelerator }) as VmSize;

        expect(imageProblems(TRITON_IMAGE, { size }, loading)).toEqual([
          'the M60 of Standard_Old has compute capability 5.2, and Triton 26.10 needs 7.5 or higher; take a size with a newer ' +
            'GPU, such as VmSize.NC4AS_T4_V3, or give an image of your own',
        ]);
      });
    },
  );

  test('nothing on a size that is retired or not known, which is refused itself', () => {
    for (const name of ['Standard_NC6s_v3', 'Standard_NC4as_T5']) {
      expect(imageProblems(TRITON_IMAGE, ON(VmSize.named(name)))).toEqual([]);
      expect(imageWarnings(TRITON_IMAGE, ON(VmSize.named(name)))).toEqual([]);
    }
  });
});

describe('warns of', () => {
  test('a GPU that a release may or may not run on', () => {
    const warnings = (release: string, size: VmSize) =>
      imageWarnings(`${NVIDIA}:${release}-py3`, ON(size), ModelLoading.DOWNLOAD);

    expect(warnings('24.12', VmSize.ND40RS_V2)).toEqual([
      'whether Triton 24.12 runs on the V100 NVLink of Standard_ND40rs_v2, which has compute capability 7.0, is not known; ' +
        '24.10 is the newest that surely does; try it first',
    ]);
    expect(warnings('24.10', VmSize.ND40RS_V2)).toEqual([]);
    expect(warnings('24.12', VmSize.NC4AS_T4_V3)).toEqual([]);
  });

  test('a driver that is older than the CUDA of the release asks for', () => {
    expect(imageWarnings(TRITON_IMAGE, ON(VmSize.NC8ADS_A10_V4))).toEqual([
      'AKS installs the driver 570.211.01 on Standard_NC8ads_A10_v4, and CUDA 13 of Triton 26.10 asks for 580 or higher, so ' +
        'the server may not find its GPU; 25.07 (CUDA 12.9) is the newest that surely runs on it, with loading: ' +
        'ModelLoading.DOWNLOAD or ModelLoading.MOUNT, since none before 26.05 reads models without a key; try it first, or ' +
        'take a size with a newer driver, such as VmSize.NC4AS_T4_V3',
    ]);
  });

  test('such a driver where models are not read directly either, and of none that the release runs on', () => {
    const warnings = (tag: string) =>
      imageWarnings(`${NVIDIA}:${tag}-py3`, ON(VmSize.NC8ADS_A10_V4), ModelLoading.DOWNLOAD);

    expect(warnings('25.08')).toEqual([
      'AKS installs the driver 570.211.01 on Standard_NC8ads_A10_v4, and CUDA 13 of Triton 25.08 asks for 580 or higher, so ' +
        'the server may not find its GPU; 25.07 (CUDA 12.9) is the newest that surely runs on it; try it first, or take a ' +
        'size with a newer driver, such as VmSize.NC4AS_T4_V3',
    ]);
    expect(warnings('25.07')).toEqual([]);
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
