import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files in the order in which a failure costs least, for `npm run mutation`: a run ends with the first test that fails. Those that failed
 * last time come first, as vitest has it; but then those that took least. (Vitest begins with what takes longest, to fill its workers.)
 */
export class BriefFirstSequencer extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const { cache, config } = this.ctx;
    const lastRunOf = ({ project, moduleId }: TestSpecification) =>
      cache.getFileTestResults(`${project.name}:${relative(config.root, moduleId)}`);
    const costOf = (spec: TestSpecification): number => {
      const last = lastRunOf(spec);
      if (last?.failed === true) return -1;
      return last?.duration ?? 0;
    };
    return [...specs].sort((one, other) => costOf(one) - costOf(other));
  }
}
