import type { Reporter, TestModule } from 'vitest/node';

/** Closes the run with the plain line that continuous integration reads: `N passed, N failed`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        tests += 1;
        if (state === 'passed') count.passed += 1;
        else if (state === 'skipped') count.skipped += 1;
        else count.failed += 1;
      }
      // A file that fails to load has no test to blame.
      if (tests === 0 || module.errors().length > 0) count.failed += 1;
    }
    // After the default reporter's summary, which is printed in the same hook.
    process.on('exit', () => {
      const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
      console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
    });
  }
}
