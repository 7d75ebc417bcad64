import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { type AnyStateMachine, StateMachine } from 'xstate';

/** A machine of this project and the name its generated files bear. */
export interface ProjectMachine {
  /** `connection`, for machines/connection.machine.ts. */
  readonly name: string;
  readonly machine: AnyStateMachine;
}

/**
 * The files that hold machines: those that the `include` and `exclude` globs of stately.config.json name, so that
 * Stately's own tools and our picture see the same ones. Sorted.
 */
export const machineFiles = (root: string): readonly string[] => {
  const config: { include: string[]; exclude: string[] } = JSON.parse(
    readFileSync(join(root, 'stately.config.json'), 'utf8'),
  );
  return [...ts.sys.readDirectory(root, ['.ts'], config.exclude, config.include)].sort();
};

/**
 * Imports the project's machines. A file may export one.
 *
 * @throws {Error} when a file exports none or several: its picture would have no name.
 */
export const projectMachines = async (root: string): Promise<readonly ProjectMachine[]> => {
  const machines: ProjectMachine[] = [];
  for (const file of machineFiles(root)) {
    const exports: Record<string, unknown> = await import(file);
    const found = Object.values(exports).filter((value) => value instanceof StateMachine);
    const [machine] = found;
    if (machine === undefined || found.length > 1) {
      throw new Error(`${basename(file)} must export one machine; it exports ${found.length}.`);
    }
    machines.push({ name: basename(file, '.machine.ts'), machine });
  }
  return machines;
};
