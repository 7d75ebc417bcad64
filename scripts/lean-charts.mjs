/**
 * Leaves the descriptions out of a file of a machine, or of one of its states. They are for whoever reads the source, and for the
 * pictures, which are made of it (`npm run diagram`); an app would carry 1.5 kB of them for nobody.
 */
export const leanChartIn = (code) =>
  code.replace(/\bdescription:\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`),?/g, '');

/** The same, for every chart that Rolldown reads. */
export const leanCharts = {
  name: 'lean-charts',
  transform: {
    filter: { id: /\/machines\/[\w.-]+\.(machine|state)\.ts$/ },
    handler: (code) => ({ code: leanChartIn(code), map: null }),
  },
};
